// SPDX-License-Identifier: GPL-2.0
/*
 * summary.c - the report for people: the verdict, then the books, then the largest of each report.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/utsname.h>
#include <linux/vmstat.h>
#ifdef CONFIG_HYPERVISOR_GUEST
#include <asm/hypervisor.h>
#endif

#include "access/account.h"
#include "access/account_layout.h"
#include "access/books.h"
#include "access/vmstat.h"
#include "baseline.h"
#include "debugfs.h"
#include "family.h"
#include "knob.h"
#include "memory.h"
#include "page_check.h"
#include "snapshot.h"
#include "survey.h"
#include "verdict.h"

/* The largest records of a report that are shown. */
#define TOP	5

/* Lines at most, header included: a screen of a serial console scrolls. */
#define LINES	58

/* Columns of a line at most. */
#define COLUMNS	100

/* Of these, for the text that names a record. */
#define TEXT_COLUMNS	46

/* And for the reports that the state line names. */
#define STATE_COLUMNS	24

static unsigned int summary_ms = 200;
MT_KNOB(summary_ms, summary_ms, 1, 60000,
	"milliseconds that a report may take for the summary before it samples");

/*
 * struct parts - what the summary is made of
 * @small_slab: there is too little slab for an incident
 * @survey: the walk over all pages, one for all reports
 * @snaps: by the order of mt_collectors; NULL where there was no memory, and for what is no part
 */
struct parts {
	struct mt_ledger ledger;
	struct mt_vmstat vmstat;
	bool small_slab;
	struct mt_judgement judgement;
	struct mt_survey survey;
	struct mt_snapshot *snaps[];
};

/* The reports with figures: not the status, and not the summary itself. */
static bool is_part(const struct parts *parts, const struct mt_collector *collector)
{
	return collector->nr_columns && collector->columns[0].type == MT_NUMBER &&
	       !(collector->of_large_slab && parts->small_slab);
}

static const char *hypervisor(void)
{
#ifdef CONFIG_HYPERVISOR_GUEST
	switch (x86_hyper_type) {
	case X86_HYPER_VMWARE:
		return "VMware";
	case X86_HYPER_MS_HYPERV:
		return "Hyper-V";
	case X86_HYPER_XEN_PV:
	case X86_HYPER_XEN_HVM:
		return "Xen";
	case X86_HYPER_KVM:
		return "KVM";
	case X86_HYPER_NATIVE:
		return boot_cpu_has(X86_FEATURE_HYPERVISOR) ? "unknown" : "none";
	default:
		return "other";
	}
#else
	return "-";
#endif
}

/* Cut a line to COLUMNS columns; the bytes of one character beyond ASCII stay together. */
static void cut(char *line)
{
	unsigned int columns = 0;

	for (; *line; line++) {
		if ((*line & 0xc0) != 0x80 && ++columns > COLUMNS) {
			*line = '\0';
			return;
		}
	}
}

static void print_verdict(struct mt_snapshot *snap, const struct mt_verdict *verdict)
{
	char line[2 * MT_VERDICT_LINE];
	char size[32];
	unsigned int i;

	mt_verdict_format_kB(size, sizeof(size), verdict->kB);
	snprintf(line, sizeof(line), "verdict: %s %s %s", verdict->kind, size, verdict->text);
	cut(line);
	mt_snapshot_print(snap, "%s", line);
	for (i = 0; i < MT_VERDICT_DETAILS && *verdict->details[i]; i++) {
		snprintf(line, sizeof(line), "  %s", verdict->details[i]);
		cut(line);
		mt_snapshot_print(snap, "%s", line);
	}
	snprintf(line, sizeof(line), "next: %s", verdict->next);
	cut(line);
	mt_snapshot_print(snap, "%s", line);
}

static void print_judgement(struct mt_snapshot *snap, const struct parts *parts)
{
	const struct mt_judgement *judgement = &parts->judgement;
	char available[32];
	unsigned int i;

	for (i = 0; i < judgement->nr; i++)
		print_verdict(snap, &judgement->verdicts[i]);
	if (judgement->nr)
		return;
	mt_verdict_format_kB(available, sizeof(available),
			     (s64)si_mem_available() * (s64)(PAGE_SIZE / 1024));
	mt_snapshot_print(snap, "verdict: ok %s available — nothing is large", available);
}

static bool has_estimate(const struct parts *parts)
{
	const struct mt_snapshot *part;
	unsigned int i, row, column;

	for (i = 0; i < mt_nr_collectors; i++) {
		part = parts->snaps[i];
		for (row = 0; part && row < part->nr_rows; row++) {
			const struct mt_cell *cells = mt_snapshot_row(part, row);

			for (column = 0; column < part->collector->nr_columns; column++) {
				if (cells[column].certainty == MT_ESTIMATE)
					return true;
			}
		}
	}
	return false;
}

/* A report that is not whole, or was not collected for want of memory. */
static bool is_gap(const struct parts *parts, unsigned int nr)
{
	return is_part(parts, mt_collectors[nr]) &&
	       (!parts->snaps[nr] || parts->snaps[nr]->state != MT_OK);
}

static bool has_gap(const struct parts *parts)
{
	unsigned int i;

	for (i = 0; i < mt_nr_collectors; i++) {
		if (is_gap(parts, i))
			return true;
	}
	return false;
}

static bool is_hurried(const struct parts *parts, unsigned int nr)
{
	return parts->snaps[nr] && parts->snaps[nr]->hurried;
}

static bool is_of_small_slab(const struct parts *parts, unsigned int nr)
{
	return parts->small_slab && mt_collectors[nr]->of_large_slab;
}

/* What was left out, in words. */
static void say_skipped(char *words, size_t size, const struct parts *parts)
{
	size_t used = 0;
	unsigned int i;

	if (has_gap(parts)) {
		snprintf(words, size, "see below");
		return;
	}
	for (i = 0; i < mt_nr_collectors; i++) {
		if (is_hurried(parts, i) || is_of_small_slab(parts, i))
			used += scnprintf(words + used, size - used, "%s%s",
					  used ? ", " : parts->small_slab ? "" : "some of ",
					  mt_collectors[i]->name);
	}
	if (!used)
		snprintf(words, size, "nothing");
	else if (parts->small_slab)
		scnprintf(words + used, size - used, ": little slab");
}

static void print_machine(struct mt_snapshot *snap, const struct parts *parts, u64 since_ns)
{
	u64 up_s = div_u64(ktime_get_boottime_ns(), NSEC_PER_SEC);
	u64 load_s = div_u64(ktime_get_ns() - mt_baseline_get()->taken_ns, NSEC_PER_SEC);
	char skipped[64];

	mt_snapshot_print(snap, "host: %.32s, Linux %.50s", init_utsname()->nodename,
			  init_utsname()->release);
	mt_snapshot_print(snap, "up: %llu s; hypervisor %s; memtriage %s, loaded %llu s ago", up_s,
			  hypervisor(), MT_VERSION, load_s);
	say_skipped(skipped, sizeof(skipped), parts);
	mt_snapshot_print(snap, "cost: %llu us, %zu kB; estimated: %s; skipped: %s",
			  div_u64(since_ns, 1000), DIV_ROUND_UP(snap->bytes, 1024),
			  has_estimate(parts) ? "figures with ~" : "nothing",
			  skipped);
}

static void print_ledger(struct mt_snapshot *snap, const struct parts *parts)
{
	const struct mt_ledger *now = &parts->ledger;
	const struct mt_ledger *then = &mt_baseline_get()->ledger;
	const s64 page_kB = PAGE_SIZE / 1024;
	s64 total = max_t(s64, now->pages[MT_TOTAL], 1);
	unsigned int account;

	mt_snapshot_print(snap, "ledger: every page of MemTotal in one account; since load");
	for (account = 0; account < MT_NR_ACCOUNTS; account++) {
		s64 pages = now->pages[account];
		s64 permille = div64_s64(pages * 1000, total);
		s64 grown = then->known[account] ? pages - then->pages[account] : 0;

		/* inside Vmalloc under VMAP_STACK; what is and was nothing says nothing */
		if (now->known[account] ? !pages && !grown :
		    IS_ENABLED(CONFIG_VMAP_STACK) && account == MT_KERNEL_STACK)
			continue;
		if (!now->known[account]) {
			mt_snapshot_print(snap, "  %-18s %12s", mt_ledger_name(account), "-");
			continue;
		}
		mt_snapshot_print(snap, "  %-18s %12lld kB %s%3lld.%lld %% %+12lld kB",
				  mt_ledger_name(account), pages * page_kB,
				  permille < 0 ? "-" : " ", div64_s64(abs(permille), 10),
				  abs(permille) - div64_s64(abs(permille), 10) * 10,
				  grown * page_kB);
	}
}

/* So far from its pages a counter may be on a machine at work. */
#define AGREES_PERCENT	2
#define AGREES_KB	2048

static const struct mt_snapshot *find_part(const struct parts *parts, const char *name)
{
	unsigned int i;

	for (i = 0; i < mt_nr_collectors; i++) {
		if (parts->snaps[i] && !strcmp(mt_collectors[i]->name, name))
			return parts->snaps[i];
	}
	return NULL;
}

/* The counters beside the pages: what is missing in both is missing for real. */
static void print_census(struct mt_snapshot *snap, const struct parts *parts)
{
	const struct mt_snapshot *pages = find_part(parts, "pages");
	const s64 page_kB = PAGE_SIZE / 1024;
	s64 counted[MT_NR_PAGE_CLASSES];
	struct mt_page_check check;
	unsigned int agree = 0;
	unsigned int i;
	const char *about;
	bool sampled;
	s64 ghost;

	if (!pages || !mt_page_counts(pages, counted, &sampled))
		return;
	about = sampled ? "~" : "";
	if (sampled && pages->state != MT_OK) {
		mt_snapshot_print(snap,
				  "census: ghost %lld kB by counters; no time to tell the pages: cat %s/pages",
				  parts->ledger.pages[MT_GHOST] * page_kB, mt_debugfs_path());
		return;
	}
	ghost = mt_page_counts_ghost(counted, &parts->ledger);
	mt_snapshot_print(snap,
			  "census: ghost %lld kB by counters, %s%lld kB by pages, %s%lld kB apart",
			  parts->ledger.pages[MT_GHOST] * page_kB, about, ghost * page_kB, about,
			  (parts->ledger.pages[MT_GHOST] - ghost) * page_kB);
	if (sampled) {
		mt_snapshot_print(snap, "  a sample: cat %s/pages for each counter and its pages",
				  mt_debugfs_path());
		return;
	}
	for (i = 0; i < MT_PAGE_CHECKS; i++) {
		s64 off;

		if (!mt_page_check(&check, i, &parts->ledger, counted))
			continue;
		off = abs(check.counter - check.counted);
		if (off * page_kB <= AGREES_KB ||
		    off * 100 <= max(check.counter, check.counted) * AGREES_PERCENT) {
			agree++;
			continue;
		}
		mt_snapshot_print(snap, "  %s says %lld kB, its pages are %lld kB", check.name,
				  check.counter * page_kB, check.counted * page_kB);
	}
	mt_snapshot_print(snap, "  %u counters agree with their pages", agree);
}

/* "  1234 kB name", then every other column as name=value, as far as there is room. */
static void print_row(struct mt_snapshot *snap, const struct mt_snapshot *part, unsigned int row)
{
	const struct mt_collector *collector = part->collector;
	const struct mt_cell *cells = mt_snapshot_row(part, row);
	const char *text = cells[collector->nr_columns - 1].text ?: "-";
	char line[COLUMNS + 1];
	unsigned int i;
	char first[24] = "-";
	int used;

	if (cells[0].certainty != MT_UNKNOWN)
		snprintf(first, sizeof(first), "%s%lld",
			 cells[0].certainty == MT_ESTIMATE ? "~" : "", cells[0].number);
	used = scnprintf(line, sizeof(line), "  %s %s %.*s%s", first,
			 collector->columns[0].name, TEXT_COLUMNS, text,
			 strlen(text) > TEXT_COLUMNS ? "..." : "");
	for (i = 1; i + 1 < collector->nr_columns; i++) {
		const struct mt_column *column = &collector->columns[i];
		const struct mt_cell *cell = &cells[i];
		char words[COLUMNS];

		if (cell->certainty == MT_UNKNOWN)
			continue;
		if (column->type == MT_NUMBER)
			snprintf(words, sizeof(words), " %s=%s%lld", column->name,
				 cell->certainty == MT_ESTIMATE ? "~" : "", cell->number);
		else
			snprintf(words, sizeof(words), " %s=%s", column->name, cell->text);
		if (used + strlen(words) <= COLUMNS)
			used += scnprintf(line + used, sizeof(line) - used, "%s", words);
	}
	mt_snapshot_print(snap, "%s", line);
}

static bool has_top(const struct mt_snapshot *part)
{
	/* the books are printed in full, as of the verdict's moment */
	return part && part->nr_rows && part->collector->form == MT_FORM_TABLE;
}

/* Records that are worth a line: the largest, and others that are no crumbs. */
static unsigned int top_rows(const struct mt_snapshot *part, const struct parts *parts,
			     unsigned int most)
{
	s64 crumb_kB = div_s64(parts->ledger.pages[MT_TOTAL] * (s64)(PAGE_SIZE / 1024), 1000);
	unsigned int row;

	for (row = 0; row < part->nr_rows && row < most; row++) {
		if (row && mt_snapshot_row(part, row)->number < crumb_kB)
			break;
	}
	return row;
}

/* How many records each report may show, so that the whole still fits a screen. */
static unsigned int most_rows(const struct mt_snapshot *snap, const struct parts *parts)
{
	unsigned int most = TOP;
	unsigned int lines, i;

	for (; most; most--) {
		lines = snap->lines.nr;
		for (i = 0; i < mt_nr_collectors; i++) {
			const struct mt_snapshot *part = parts->snaps[i];

			if (has_top(part))
				lines += 1 + top_rows(part, parts, most);
			lines += is_gap(parts, i);
		}
		if (lines <= LINES)
			break;
	}
	return most;
}

static void print_tops(struct mt_snapshot *snap, const struct parts *parts)
{
	unsigned int most = most_rows(snap, parts);
	unsigned int i, row, rows;

	for (i = 0; i < mt_nr_collectors; i++) {
		const struct mt_snapshot *part = parts->snaps[i];

		if (!has_top(part))
			continue;
		mt_snapshot_print(snap, "%s: %u records", part->collector->name, part->nr_rows);
		rows = top_rows(part, parts, most);
		for (row = 0; row < rows; row++)
			print_row(snap, part, row);
	}
}

static void print_missing(struct mt_snapshot *snap, const struct mt_snapshot *part,
			  const char *name)
{
	const char *state = part && part->state == MT_PARTIAL ? "partial" : "unavailable";
	char line[2 * COLUMNS];

	snprintf(line, sizeof(line), "%s: %s: %.120s", state, name,
		 part ? part->reason : "no memory to collect it");
	cut(line);
	mt_snapshot_print(snap, "%s", line);
}

/* In the state line, as far as there is room: "not whole: sockets pages, 2 more". */
static void say_incomplete(struct mt_snapshot *snap, const struct parts *parts)
{
	char names[STATE_COLUMNS + 1] = "";
	unsigned int i, more = 0;
	size_t used = 0;

	for (i = 0; i < mt_nr_collectors; i++) {
		const char *name = mt_collectors[i]->name;

		if (!is_gap(parts, i))
			continue;
		if (used + strlen(name) + 1 < sizeof(names))
			used += scnprintf(names + used, sizeof(names) - used, " %s", name);
		else
			more++;
	}
	if (more)
		mt_snapshot_partial(snap, "not whole:%s, %u more", names, more);
	else if (used)
		mt_snapshot_partial(snap, "not whole:%s", names);
}

/* Of the reports of caches, one line for all kmalloc caches of one size. */
static struct mt_snapshot *fold(struct mt_snapshot *part)
{
	struct mt_snapshot *folded;

	if (strcmp(part->collector->name, "slab") && strcmp(part->collector->name, "owners"))
		return part;
	folded = mt_family_fold(part);
	if (!folded)
		return part;
	mt_snapshot_free(part);
	return folded;
}

static void judge(struct parts *parts)
{
	const struct mt_baseline *baseline = mt_baseline_get();
	struct mt_evidence evidence = {
		.now = &parts->ledger,
		.before = &baseline->ledger,
		.age_s = div_u64(ktime_get_ns() - baseline->taken_ns, NSEC_PER_SEC),
		.shmem_pages = parts->vmstat.node[NR_SHMEM],
		.anon_pages = parts->vmstat.node[NR_ANON_MAPPED],
		.reports = parts->snaps,
		.nr_reports = mt_nr_collectors,
		.reports_before = baseline->reports,
		.nr_reports_before = baseline->nr_reports,
		.kmalloc_unmarked = !mt_page_is_told(MT_PAGE_LARGE_KMALLOC),
		.page_kB = PAGE_SIZE / 1024,
		.path = mt_debugfs_path(),
	};

	if (!mt_account_swapcache(&parts->vmstat, &evidence.swapcache_pages))
		evidence.swapcache_pages = -1;
	mt_verdict_judge(&parts->judgement, &evidence);
}

static int collect(struct mt_snapshot *snap)
{
	unsigned int budget_us = READ_ONCE(summary_ms) * USEC_PER_MSEC;
	u64 start_ns = ktime_get_ns();
	struct parts *parts;
	unsigned int i;

	parts = mt_memory_zalloc(struct_size(parts, snaps, mt_nr_collectors));
	if (!parts)
		return -ENOMEM;
	mt_books_read(&parts->ledger, &parts->vmstat);
	parts->small_slab = !mt_ledger_has_large_slab(&parts->ledger);
	parts->survey.shared = true;
	for (i = 0; i < mt_nr_collectors; i++) {
		if (!is_part(parts, mt_collectors[i]))
			continue;
		parts->snaps[i] = mt_collector_take(mt_collectors[i], budget_us, &parts->survey);
		if (IS_ERR(parts->snaps[i]))
			parts->snaps[i] = NULL;
		if (!parts->snaps[i])
			continue;
		parts->snaps[i] = fold(parts->snaps[i]);
		snap->bytes += parts->snaps[i]->bytes;
	}
	mt_survey_drop(&parts->survey);
	mt_books_read(&parts->ledger, &parts->vmstat);
	judge(parts);

	print_judgement(snap, parts);
	print_machine(snap, parts, ktime_get_ns() - start_ns);
	print_ledger(snap, parts);
	print_census(snap, parts);
	print_tops(snap, parts);
	say_incomplete(snap, parts);
	for (i = 0; i < mt_nr_collectors; i++) {
		if (is_gap(parts, i))
			print_missing(snap, parts->snaps[i], mt_collectors[i]->name);
		if (parts->snaps[i]) {
			snap->bytes -= parts->snaps[i]->bytes;
			mt_snapshot_free(parts->snaps[i]);
		}
	}
	mt_memory_free(parts);
	return 0;
}

const struct mt_collector mt_summary_collector = {
	.name = "summary",
	.form = MT_FORM_TEXT,
#if defined(CONFIG_SWAP) && !defined(MT_HAVE_NR_SWAPCACHE)
	.needs = {
		{
			.any_of = { &mt_swap_table },
			.loses = "the verdict on anonymous memory that no process maps",
		},
	},
#endif
	.collect = collect,
};
