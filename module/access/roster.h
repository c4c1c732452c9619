/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_ROSTER_H
#define MT_ROSTER_H

#include <linux/types.h>

#include "access/image.h"

/** MT_ROSTER_PARTS - parts of a module: instructions, constants, variables of two kinds */
#define MT_ROSTER_PARTS	4

/**
 * struct mt_roster_module - a module that was seen
 * @id: tells modules of one name apart; never printed and never dereferenced
 * @name: its name
 * @from: first addresses of its parts; never printed
 * @to: addresses behind the last ones
 * @nr_parts: how many parts
 * @here: it was there when somebody looked last
 */
struct mt_roster_module {
	unsigned long id;
	char name[MT_IMAGE_NAME];
	unsigned long from[MT_ROSTER_PARTS];
	unsigned long to[MT_ROSTER_PARTS];
	unsigned int nr_parts;
	bool here;
};

/**
 * struct mt_roster - the modules that were seen, and are gone
 * @gone: them, the earliest first
 * @nr: how many
 * @lost: how many more were forgotten, or were not noted
 */
struct mt_roster {
	struct mt_roster_module *gone;
	unsigned int nr;
	u64 lost;
};

void mt_roster_start(void);
void mt_roster_stop(void);
int mt_roster_read(struct mt_roster *roster, const struct mt_image *image);
void mt_roster_free(struct mt_roster *roster);
int mt_roster_find(const struct mt_roster *roster, unsigned long addr);

#endif /* MT_ROSTER_H */
