// SPDX-License-Identifier: GPL-2.0
/*
 * json.c - knows the JSON form of a snapshot, "schema": "memtriage-1" (see memtriage(1)).
 *
 * Columns keep the names of the reports. Unknown is null, never 0; what is an estimate is named in
 * the record's "estimated".
 */
#include <json-c/json.h>
#include <stdio.h>

#include "command.h"
#include "snapshot.h"

static void add_string(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, *text ? json_object_new_string(text) : NULL);
}

static struct json_object *cell_json(const struct cell *cell)
{
	if (cell->unknown)
		return NULL;
	return cell->is_number ? json_object_new_int64(cell->number) :
				 json_object_new_string(cell->text);
}

static struct json_object *record_json(const struct report *report, size_t record)
{
	const struct cell *cells = report_row(report, record);
	struct json_object *estimated = NULL;
	struct json_object *json = json_object_new_object();
	unsigned int i;

	for (i = 0; i < report->nr_columns; i++) {
		bool last = i + 1 == report->nr_columns;

		/* a cache or a process may have a number for a name */
		json_object_object_add(json, report->columns[i],
				       last && cells[i].is_number ?
				       json_object_new_string(cells[i].text) :
				       cell_json(&cells[i]));
		if (!cells[i].estimate)
			continue;
		if (!estimated)
			estimated = json_object_new_array();
		json_object_array_add(estimated, json_object_new_string(report->columns[i]));
	}
	if (estimated)
		json_object_object_add(json, "estimated", estimated);
	return json;
}

static struct json_object *report_json(const struct report *report)
{
	struct json_object *json = json_object_new_object();
	struct json_object *records = json_object_new_array();
	struct json_object *lines = json_object_new_array();
	size_t i;

	json_object_object_add(json, "version", json_object_new_int64(report->version));
	add_string(json, "state", report_state_word(report->state));
	add_string(json, "reason", report->reason);
	json_object_object_add(json, "dropped", json_object_new_int64(report->nr_dropped));
	json_object_object_add(json, "took_us", json_object_new_int64(report->took_us));
	for (i = 0; i < report->nr_records; i++)
		json_object_array_add(records, record_json(report, i));
	for (i = 0; i < report->nr_lines; i++)
		json_object_array_add(lines, json_object_new_string(report->lines[i]));
	json_object_object_add(json, "records", records);
	json_object_object_add(json, "lines", lines);
	return json;
}

/**
 * json_print_snapshot() - print all reports of a snapshot
 * @snapshot: the snapshot
 *
 * Return: false if it could not be printed.
 */
bool json_print_snapshot(const struct snapshot *snapshot)
{
	struct json_object *json = json_object_new_object();
	struct json_object *reports = json_object_new_object();
	struct json_object *faults = json_object_new_array();
	unsigned int i;
	int printed;

	add_string(json, "schema", "memtriage-1");
	add_string(json, "host", snapshot->host);
	add_string(json, "kernel", snapshot->kernel);
	add_string(json, "source", snapshot->source);
	json_object_object_add(json, "seconds", json_object_new_int64(snapshot->seconds));
	json_object_object_add(json, "uptime", snapshot->uptime < 0 ? NULL :
			       json_object_new_int64(snapshot->uptime));
	for (i = 0; i < snapshot->nr_faults; i++)
		json_object_array_add(faults, json_object_new_string(snapshot->faults[i]));
	json_object_object_add(json, "faults", faults);
	for (i = 0; i < snapshot->nr_reports; i++)
		json_object_object_add(reports, snapshot->reports[i]->name,
				       report_json(snapshot->reports[i]));
	json_object_object_add(json, "reports", reports);
	printed = puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
						      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return printed >= 0 && !fflush(stdout);
}
