// SPDX-License-Identifier: GPL-2.0
/*
 * balloon.c - knows the balloon drivers, how much each inflated, and whether it said so.
 *
 * Whether inflated pages leave MemTotal is a matter of the driver (adjust_managed_page_count()):
 *   virtio_balloon  leaves, unless VIRTIO_BALLOON_F_DEFLATE_ON_OOM was negotiated
 *   vmw_balloon     never leaves
 *   hv_balloon      leaves since v5.11, before it did not
 *   xen-balloon     leaves
 *
 * Locking: the device list of the virtio bus, by bus_for_each_dev(). Consistency: counters, read as
 * they are; a balloon that is being inflated has moved on when they are printed.
 */
#include "access/balloon.h"

#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/virtio.h>
#include <linux/virtio_balloon.h>
#include <linux/virtio_ids.h>
#include <linux/vmstat.h>
#ifdef CONFIG_HYPERVISOR_GUEST
#include <asm/hypervisor.h>
#endif
#if IS_ENABLED(CONFIG_XEN_BALLOON)
#include <xen/balloon.h>
#include <xen/xen.h>
#endif

#include "access/vmstat.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "introspect/module_btf.h"
#include "introspect/relo.h"
#include "introspect/running.h"

/*
 * What virtio_balloon and vmw_balloon inflated, in pages. A CPU that goes offline hands its events
 * to another one, so all possible CPUs together are exact.
 */
static bool read_events(s64 *pages)
{
/* CONFIG_MEMORY_BALLOON was renamed to CONFIG_BALLOON between v6.12 and v7.3 */
#if defined(CONFIG_VM_EVENT_COUNTERS) && \
	(defined(CONFIG_BALLOON) || defined(CONFIG_MEMORY_BALLOON))
	int cpu;

	*pages = 0;
	for_each_possible_cpu(cpu) {
		const struct vm_event_state *state = &per_cpu(vm_event_states, cpu);

		*pages += READ_ONCE(state->event[BALLOON_INFLATE]);
		*pages -= READ_ONCE(state->event[BALLOON_DEFLATE]);
	}
	return true;
#else
	return false;
#endif
}

/* A driver's variable, whether the driver is a module or built in. */
static unsigned long find_variable(const char *module, const char *variable)
{
	unsigned long addr;
	char name[64];

	if (mt_running_hides(variable))
		return 0;
	snprintf(name, sizeof(name), "%s:%s", module, variable);
	addr = mt_ksym_data(name);
	return addr ? addr : mt_ksym_data(variable);
}

#if IS_ENABLED(CONFIG_VIRTIO)

/* struct balloon_devices - virtio balloons with a driver, by what they do to MemTotal */
struct balloon_devices {
	unsigned int inside;
	unsigned int outside;
};

static int look_at(struct device *dev, void *arg)
{
	const struct virtio_device *vdev = dev_to_virtio(dev);
	struct balloon_devices *devices = arg;

	if (vdev->id.device != VIRTIO_ID_BALLOON || !READ_ONCE(dev->driver))
		return 0;
	if (vdev->features & BIT_ULL(VIRTIO_BALLOON_F_DEFLATE_ON_OOM))
		devices->inside++;
	else
		devices->outside++;
	return 0;
}

/*
 * The bus is a variable of virtio.ko. Its address is kept for as long as that module stays where
 * it is, because the look-up is slow on old kernels.
 */
static struct bus_type *find_bus(const void *anchor)
{
	static DEFINE_MUTEX(lock);
	static const void *last_anchor; /* under lock */
	static unsigned long bus; /* under lock */
	unsigned long found;

	mutex_lock(&lock);
	if (last_anchor != anchor) {
		bus = find_variable("virtio", "virtio_bus");
		last_anchor = anchor;
	}
	found = bus;
	mutex_unlock(&lock);
	return (struct bus_type *)found;
}

static bool read_virtio(struct mt_balloon *balloon)
{
	struct balloon_devices devices = { };
	struct bus_type *bus;
	void *anchor;

	/* pins virtio.ko, and tells whether it is there at all */
	anchor = __symbol_get("unregister_virtio_driver");
	if (!anchor)
		return false;
	bus = find_bus(anchor);
	if (bus)
		bus_for_each_dev(bus, NULL, &devices, look_at);
	__symbol_put("unregister_virtio_driver");

	*balloon = (struct mt_balloon) { .driver = "virtio_balloon", .source = "vm_events" };
	balloon->known = read_events(&balloon->pages);
	if (!bus) {
		/* no way to ask the devices: worth a line only if something is inflated */
		balloon->in_total = MT_BALLOON_UNTOLD;
		return balloon->known && balloon->pages;
	}
	if (devices.inside && devices.outside)
		balloon->in_total = MT_BALLOON_UNTOLD;
	else
		balloon->in_total = devices.inside ? MT_BALLOON_INSIDE : MT_BALLOON_OUTSIDE;
	return devices.inside || devices.outside;
}

#else

static bool read_virtio(struct mt_balloon *balloon)
{
	return false;
}

#endif

#ifdef CONFIG_HYPERVISOR_GUEST

/* The counter of the newest kernels: all drivers, but of VMware's pages only the small ones. */
static bool read_counter(s64 *pages)
{
#ifdef MT_HAVE_NR_BALLOON_PAGES
	struct mt_vmstat vmstat;

	mt_vmstat_read(&vmstat);
	*pages = vmstat.node[NR_BALLOON_PAGES];
	return true;
#else
	return false;
#endif
}

/* A number in a variable of a driver's that is a module, through the module's own BTF. */
static bool read_driver(const char *module, const char *variable, const char *member, s64 *number)
{
	struct mt_field field = { };
	unsigned long addr;
	u64 value;

	addr = find_variable(module, variable);
	if (!addr || !mt_module_btf_field(module, member, &field) || field.size != sizeof(u64) ||
	    !mt_kread_field(addr, &field, &value))
		return false;
	*number = value;
	return true;
}

static bool read_vmware(struct mt_balloon *balloon)
{
	s64 frames;

	if (x86_hyper_type != X86_HYPER_VMWARE)
		return false;
	*balloon = (struct mt_balloon) {
		.driver = "vmw_balloon",
		.in_total = MT_BALLOON_INSIDE,
	};
	/* in frames of 4 kB, and large pages are in it */
	if (read_driver("vmw_balloon", "balloon", "vmballoon.size", &frames)) {
		balloon->source = "vmballoon.size";
		balloon->pages = frames;
		balloon->known = true;
		return true;
	}
	balloon->source = "vm_events";
	balloon->known = read_events(&balloon->pages);
	return balloon->known && balloon->pages;
}

static bool read_hyperv(struct mt_balloon *balloon)
{
	if (x86_hyper_type != X86_HYPER_MS_HYPERV ||
	    !find_variable("hv_balloon", "dm_device"))
		return false;
	*balloon = (struct mt_balloon) { .driver = "hv_balloon", .source = "-" };
	balloon->in_total = MT_HV_BALLOON_LEAVES_TOTAL ? MT_BALLOON_OUTSIDE : MT_BALLOON_INSIDE;
	if (read_driver("hv_balloon", "dm_device", "hv_dynmem_device.num_pages_ballooned",
			&balloon->pages)) {
		balloon->source = "hv_dynmem_device.num_pages_ballooned";
		balloon->known = true;
	} else if (read_counter(&balloon->pages)) {
		balloon->source = "nr_balloon_pages";
		balloon->known = true;
	}
	return true;
}

#else

static bool read_vmware(struct mt_balloon *balloon)
{
	return false;
}

static bool read_hyperv(struct mt_balloon *balloon)
{
	return false;
}

#endif

static bool read_xen(struct mt_balloon *balloon)
{
#if IS_ENABLED(CONFIG_XEN_BALLOON)
	if (!xen_domain())
		return false;
	*balloon = (struct mt_balloon) {
		.driver = "xen-balloon",
		.source = "balloon_stats",
		.pages = (s64)balloon_stats.total_pages - (s64)balloon_stats.current_pages,
		.known = true,
		.in_total = MT_BALLOON_OUTSIDE,
	};
	return true;
#else
	return false;
#endif
}

/**
 * mt_balloon_read() - the balloon drivers at work
 * @balloons: gets them
 *
 * Context: process context, may sleep.
 * Return: how many.
 */
unsigned int mt_balloon_read(struct mt_balloon balloons[MT_BALLOONS])
{
	unsigned int nr = 0;

	nr += read_virtio(&balloons[nr]);
	nr += read_vmware(&balloons[nr]);
	nr += read_hyperv(&balloons[nr]);
	nr += read_xen(&balloons[nr]);
	return nr;
}
