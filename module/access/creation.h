/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_CREATION_H
#define MT_CREATION_H

#include <linux/types.h>

#include "access/creation_log.h"

struct mt_relo_table;

/**
 * struct mt_creations - the creations of caches that were seen, at one moment
 * @entries: them; those of one name together, the latest first
 * @nr: how many
 * @watched: creations are seen at all; if not, the rest is empty
 * @since_ns: since when, by the clock of ktime_get_ns()
 * @room: how many can be remembered
 * @seen: how many there were
 * @lost: how many were forgotten, or never noted, while they may have been alive
 */
struct mt_creations {
	struct mt_creation *entries;
	unsigned int nr;
	bool watched;
	u64 since_ns;
	unsigned int room;
	u64 seen;
	u64 lost;
};

void mt_creation_start(void);
void mt_creation_stop(void);
int mt_creation_read(struct mt_creations *list);
void mt_creation_free(struct mt_creations *list);
const struct mt_creation *mt_creation_find(const struct mt_creations *list, unsigned long root_id,
					   const char *name);
bool mt_creation_missing(unsigned int nr, const char **missing, const char **loses);
bool mt_creation_names(const char *name);

#endif /* MT_CREATION_H */
