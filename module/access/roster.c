// SPDX-License-Identifier: GPL-2.0
/*
 * roster.c - knows the modules that were there at load or at a later look, and are gone.
 *
 * The kernel forgets a module when it is unloaded, but not what it left behind: memory that was
 * asked for from where its text was, or that carries addresses of its variables. So where the
 * modules are is noted at load, and again whenever somebody asks who is gone. Nothing is armed: a
 * module that comes and goes between two looks is not known.
 *
 * Another module may have been in the same place before or since, and then the address tells
 * nothing of which of the two it was: what follows from it is an estimate.
 *
 * Locking: a mutex of its own. Consistency: that of image.c.
 */
#include "access/roster.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "memory.h"

/* Modules at once, and of those that are gone: 150 kB at most. */
#define ROOM_FIRST	64
#define ROOM_MAX	1024

/* Guards all below. */
static DEFINE_MUTEX(roster_mutex);
static struct mt_roster_module *modules;
static unsigned int nr_modules;
static unsigned int room;
static u64 lost;

static bool is_same(const struct mt_roster_module *a, const struct mt_roster_module *b)
{
	return a->id == b->id && a->nr_parts == b->nr_parts &&
	       !memcmp(a->from, b->from, sizeof(a->from)) &&
	       !memcmp(a->to, b->to, sizeof(a->to)) && !strcmp(a->name, b->name);
}

static void forget(unsigned int which)
{
	nr_modules--;
	memmove(&modules[which], &modules[which + 1], (nr_modules - which) * sizeof(*modules));
}

/* Room for one more: the first that went makes it if there is no other. */
static bool make_room(void)
{
	unsigned int larger = room ? room * 2 : ROOM_FIRST;
	struct mt_roster_module *moved = NULL;
	unsigned int i;

	if (nr_modules < room)
		return true;
	if (larger <= ROOM_MAX)
		moved = mt_memory_alloc(larger * sizeof(*moved));
	if (moved) {
		memcpy(moved, modules, nr_modules * sizeof(*moved));
		mt_memory_free(modules);
		modules = moved;
		room = larger;
		return true;
	}
	lost++;
	for (i = 0; i < nr_modules; i++) {
		if (modules[i].here)
			continue;
		forget(i);
		return true;
	}
	return false;
}

static void note(const struct mt_roster_module *module)
{
	unsigned int i;

	for (i = 0; i < nr_modules; i++) {
		if (!is_same(&modules[i], module))
			continue;
		modules[i].here = true;
		return;
	}
	if (make_room())
		modules[nr_modules++] = *module;
}

static void note_parts(const struct mt_image *image)
{
	struct mt_roster_module module = { };
	unsigned int at = 0;
	unsigned int i;

	for (i = MT_IMAGE_VMLINUX + 1; i < image->nr_modules; i++) {
		module = (struct mt_roster_module) { .id = image->modules[i].id, .here = true };
		strscpy(module.name, image->modules[i].name, sizeof(module.name));
		/* they are in the order of the modules */
		while (at < image->nr_parts && image->parts[at].module < i)
			at++;
		for (; at < image->nr_parts && image->parts[at].module == i; at++) {
			if (module.nr_parts == MT_ROSTER_PARTS)
				continue;
			module.from[module.nr_parts] = image->parts[at].from;
			module.to[module.nr_parts++] = image->parts[at].to;
		}
		note(&module);
	}
}

/* A module is gone if all modules were seen, and it was not among them. */
static void look(const struct mt_image *image)
{
	unsigned int i;

	if (image->error)
		return;
	for (i = 0; i < nr_modules; i++)
		modules[i].here = false;
	note_parts(image);
}

/**
 * mt_roster_start() - note who is there
 *
 * Context: process context, may sleep; once, at load.
 */
void mt_roster_start(void)
{
	struct mt_image image;

	if (mt_image_read(&image))
		return;
	mutex_lock(&roster_mutex);
	look(&image);
	mutex_unlock(&roster_mutex);
	mt_image_free(&image);
}

/**
 * mt_roster_stop() - give back what the roster needed
 *
 * Context: process context; no reader is left.
 */
void mt_roster_stop(void)
{
	mt_memory_free(modules);
	modules = NULL;
	nr_modules = 0;
	room = 0;
}

/**
 * mt_roster_read() - note who is there, and read who is not any more
 * @roster: gets those who are gone; give it back with mt_roster_free() on success
 * @image: who is there
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM.
 */
int mt_roster_read(struct mt_roster *roster, const struct mt_image *image)
{
	unsigned int i;
	int err = 0;

	*roster = (struct mt_roster) { };
	mutex_lock(&roster_mutex);
	look(image);
	roster->lost = lost;
	roster->gone = mt_memory_alloc((nr_modules + 1) * sizeof(*roster->gone));
	if (!roster->gone)
		err = -ENOMEM;
	for (i = 0; i < nr_modules && !err; i++) {
		if (!modules[i].here)
			roster->gone[roster->nr++] = modules[i];
	}
	mutex_unlock(&roster_mutex);
	return err;
}

/**
 * mt_roster_free() - give back what mt_roster_read() allocated
 * @roster: the roster
 *
 * Context: process context, may sleep.
 */
void mt_roster_free(struct mt_roster *roster)
{
	mt_memory_free(roster->gone);
	*roster = (struct mt_roster) { };
}

/**
 * mt_roster_find() - who of those who are gone was at an address?
 * @roster: those who are gone
 * @addr: any address
 *
 * Context: any.
 * Return: the index of the last one that was there; -1 if there was none.
 */
int mt_roster_find(const struct mt_roster *roster, unsigned long addr)
{
	unsigned int i = roster->nr;
	unsigned int part;

	while (i-- > 0) {
		const struct mt_roster_module *module = &roster->gone[i];

		for (part = 0; part < module->nr_parts; part++) {
			if (addr >= module->from[part] && addr < module->to[part])
				return i;
		}
	}
	return -1;
}
