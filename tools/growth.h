/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What grew between two snapshots of one machine.
 */
#ifndef MEMTRIAGE_GROWTH_H
#define MEMTRIAGE_GROWTH_H

#include "snapshot.h"

/**
 * struct growth - one record that has changed
 * @report: name of the report
 * @subject: what the record is about
 * @before_kB: what it held; 0 if it was not there
 * @after_kB: what it holds; 0 if it is gone
 * @objects: how many objects it gained; 0 if the report does not count any
 * @estimate: one of the figures is an estimate
 */
struct growth {
	const char *report;
	const char *subject;
	long long before_kB;
	long long after_kB;
	long long objects;
	bool estimate;
};

/**
 * struct growths - all that has changed, what grew most first
 * @list: the changes
 * @nr: how many
 */
struct growths {
	struct growth *list;
	size_t nr;
};

bool growth_find(struct growths *growths, const struct snapshot *before,
		 const struct snapshot *after);
void growth_free(struct growths *growths);
size_t growth_equal(const struct growths *growths, size_t first, size_t *members, size_t room);
long long growth_exhaustion(const struct snapshot *after, long long kB, long long seconds);

#endif /* MEMTRIAGE_GROWTH_H */
