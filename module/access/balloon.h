/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_BALLOON_H
#define MT_BALLOON_H

#include <linux/types.h>

/** MT_BALLOONS - drivers that mt_balloon_read() knows */
#define MT_BALLOONS	4

/**
 * enum mt_balloon_place - where inflated pages are
 * @MT_BALLOON_OUTSIDE: the driver took them out of MemTotal
 * @MT_BALLOON_INSIDE: still inside MemTotal, so they look used
 * @MT_BALLOON_UNTOLD: this kernel does not tell
 */
enum mt_balloon_place {
	MT_BALLOON_OUTSIDE,
	MT_BALLOON_INSIDE,
	MT_BALLOON_UNTOLD,
};

/**
 * struct mt_balloon - one balloon driver that is at work
 * @driver: its name
 * @source: where @pages is from
 * @pages: inflated pages
 * @known: @pages means something
 * @in_total: where the pages are
 */
struct mt_balloon {
	const char *driver;
	const char *source;
	s64 pages;
	bool known;
	enum mt_balloon_place in_total;
};

unsigned int mt_balloon_read(struct mt_balloon balloons[MT_BALLOONS]);

#endif /* MT_BALLOON_H */
