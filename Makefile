# SPDX-License-Identifier: GPL-2.0
# For people. What kbuild reads is Kbuild.

KERNELRELEASE ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KERNELRELEASE)/build
VERSION := $(shell sed -n 's/.*-DMT_VERSION=[^0-9]*\([0-9.]*\).*/\1/p' Kbuild)

KERNELS ?=
SCENARIOS ?=
KERNEL ?= 6.12
export KERNELS SCENARIOS

# Our module needs no BTF of its own: without this, pahole would be needed.
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) CONFIG_DEBUG_INFO_BTF_MODULES=

.PHONY: all demo test check bench oracle install uninstall dkms-install dkms-check dist deb deb-check tools clean help

all: $(KDIR)
	$(KBUILD) modules

$(KDIR):
	@echo "No headers of kernel $(KERNELRELEASE) in $(KDIR)." >&2
	@echo "Install them (Debian: apt-get install linux-headers-$(KERNELRELEASE)) or set KDIR." >&2
	@false

demo:
	@selftests/vm/demo $(KERNEL)

test:
	@selftests/vm/suite

check:
	@selftests/check

bench:
	@selftests/vm/bench $(KERNEL)

install: all tools
	$(KBUILD) INSTALL_MOD_PATH=$(DESTDIR) modules_install
	$(if $(DESTDIR),,depmod -a $(KERNELRELEASE))
	$(MAKE) -C tools install

oracle:
	@selftests/vm/oracle-drgn $(KERNEL)

dkms-install:
	@command -v dkms >/dev/null || { echo "dkms is not installed (Debian: apt-get install dkms)" >&2; false; }
	selftests/vm/dkms-source $(DESTDIR)/usr/src
	dkms install -m memtriage -v $(VERSION) -k $(KERNELRELEASE)

# What install and dkms-install left, of all versions and for all kernels.
uninstall:
	$(MAKE) -C tools uninstall
	find $(DESTDIR)/lib/modules -name 'memtriage.ko*' -not -path '*/dkms/*' -delete
	$(if $(DESTDIR),,! command -v dkms >/dev/null || ! dkms status memtriage/$(VERSION) | grep -q . || dkms remove memtriage/$(VERSION) --all)
	rm -rf $(DESTDIR)/usr/src/memtriage-$(VERSION)
	$(if $(DESTDIR),,depmod -a $(KERNELRELEASE))

dist:
	@tools/package dist

deb:
	@tools/package deb

deb-check:
	@selftests/vm/deb-check

dkms-check:
	@selftests/vm/dkms-check $(KERNELS)

tools:
	$(MAKE) -C tools

clean:
	if [ -d $(KDIR) ]; then $(KBUILD) clean; fi
	rm -rf build

help:
	@echo 'On the machine to look at:'
	@echo '  make                build memtriage.ko for the running kernel (KDIR=, KERNELRELEASE=)'
	@echo '  make install        build and install the module and the command'
	@echo '  make uninstall      and take all of it away, also what DKMS has'
	@echo '  make dkms-install   install through DKMS: rebuilt with each new kernel'
	@echo '  make tools          the memtriage command (libjson-c-dev, libncurses-dev)'
	@echo '  make deb            Debian packages memtriage and memtriage-dkms, in build/package/'
	@echo '  make dist           the release tarball'
	@echo 'On a development machine (Debian 12, root; installs and fetches what it needs):'
	@echo '  make demo           a guest with a planted incident, and its summary (KERNEL=$(KERNEL))'
	@echo '  make test           the suite in guests (KERNELS="6.1 7.x", SCENARIOS="base numa")'
	@echo '  make check          static checks and unit tests'
	@echo '  make bench          cost, beside the tools it replaces (KERNEL=)'
	@echo '  make oracle         objects and pages, counted by drgn as well (KERNEL=; fetches 320 MB)'
	@echo '  make dkms-check     DKMS add, build and install for each kernel, in scratch trees'
	@echo '  make deb-check      the Debian packages installed and purged in a Debian 12 chroot (makes it once: 200 MB, minutes)'
	@echo '  make clean          remove what was built; fetched kernels stay in $${MEMTRIAGE_CACHE:-~/.cache/memtriage}'
