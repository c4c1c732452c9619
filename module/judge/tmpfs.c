// SPDX-License-Identifier: GPL-2.0
/*
 * tmpfs.c - knows when files in memory are worth a word, where they are, and who holds them.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/* In permille of MemTotal. */
enum {
	LARGE_ALL = 100,
	LARGE_ONE = 50,
};

/* What a note of the report begins with that tells who keeps what has no name any more. */
#define HELD	"held: "

/* What the record of a segment of SysV shared memory begins with. */
#define SYSV	"SysV shm "

/* What is behind the path of a mount that the first process does not see. */
#define ELSEWHERE	" (mount namespace "

/* A mount that is none any more. */
#define DETACHED	"(unmounted, still in use)"

static s64 number(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, column);

	return cell->certainty == MT_UNKNOWN ? 0 : cell->number;
}

static const char *mark(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	return mt_verdict_mark(mt_snapshot_cell(report, row, column)->certainty == MT_ESTIMATE);
}

static const char *text(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, column);

	return cell->text ? cell->text : "-";
}

static bool is_tmpfs(const struct mt_snapshot *report, unsigned int row)
{
	return strcmp(text(report, row, "fstype"), "hugetlbfs");
}

/* A path with blanks and brackets behind it is no path: it is a name that we gave. */
static bool is_path(const char *where)
{
	return *where == '/' && !strstr(where, " (");
}

/* What the notes call the file of a record; NULL if the record is of all files of a mount. */
static const char *file_of(const char *where)
{
	if (*where == '/' || !strcmp(where, DETACHED))
		return NULL;
	if (!strncmp(where, SYSV, strlen(SYSV)))
		return where + strlen(SYSV);
	return strcmp(where, "(shared anonymous memory)") ? where : "dev/zero";
}

/*
 * struct held - a note of the report: who keeps what
 * @line: the note; NULL for none
 * @kB: how much
 * @pid: who; 0 for nobody who was found
 * @comm: his name
 * @id: of a segment of SysV shared memory
 * @has_id: @id is there
 */
struct held {
	const char *line;
	long long kB;
	int pid;
	char comm[16];
	unsigned int id;
	bool has_id;
};

/* "held: 98304 kB by pid 12 (name), opened: file on tmpfs 0:29" */
static bool read_held(struct held *held, const char *line, const char *on, const char *file)
{
	size_t length = strlen(line);
	const char *at, *id;
	int found;

	*held = (struct held) { .line = line };
	if (length < strlen(on) || strcmp(line + length - strlen(on), on))
		return false;
	if (strncmp(line, HELD, strlen(HELD)))
		return false;
	at = line + strlen(HELD);
	found = sscanf(*at == '~' ? at + 1 : at, "%lld kB by pid %d (%15[^)])", &held->kB,
		       &held->pid, held->comm);
	if (found < 1)
		return false;
	if (found < 3)
		held->pid = 0;
	if (!file)
		return true;
	id = strstr(line, "(shmid ");
	held->has_id = id && sscanf(id, "(shmid %u)", &held->id) == 1;
	for (at = strstr(line, ": "); at; at = strstr(at + 1, ": ")) {
		if (!strncmp(at + 2, file, strlen(file)))
			return true;
	}
	/* or it is about all files of a process */
	return strstr(line, " files on ");
}

/* The largest thing of a record that somebody keeps. */
static void find_held(struct held *held, const struct mt_snapshot *report, unsigned int row)
{
	const char *file = file_of(text(report, row, "where"));
	const char *line = NULL;
	struct held found;
	char on[48];

	*held = (struct held) { };
	snprintf(on, sizeof(on), " on %s %s", text(report, row, "fstype"),
		 text(report, row, "dev"));
	while ((line = mt_snapshot_line(report, line))) {
		if (read_held(&found, line, on, file) && (!held->line || found.kB > held->kB))
			*held = found;
	}
	/* of a name, no more than what has it */
	held->kB = min_t(s64, held->kB, number(report, row, "kB"));
}

/* A process that is in the namespace, 0 if there is none; false if that is not known. */
static bool find_in_ns(const struct mt_snapshot *report, const char *where, int *pid)
{
	const char *ns = strstr(where, ELSEWHERE);
	const char *line = NULL;
	unsigned int wanted, found;

	if (!ns || sscanf(ns, ELSEWHERE "%u", &wanted) != 1)
		return false;
	while ((line = mt_snapshot_line(report, line))) {
		*pid = 0;
		if (sscanf(line, "mount namespace %u: pid %d", &found, pid) >= 1 && found == wanted)
			return true;
	}
	return false;
}

/*
 * Of a segment it is never the end of a process that gives it back. Its id is one of an IPC
 * namespace's, where another namespace may have another segment.
 */
static void say_segment(struct mt_verdict *verdict, s64 kB, const struct held *held)
{
	char words[MT_VERDICT_SIZE];

	if (!held->has_id || held->kB < kB / 2)
		mt_verdict_say(verdict->next, "ipcs -mp; ipcrm -m ID of each (up to %s)",
			       mt_verdict_size(words, kB));
	else if (held->pid)
		mt_verdict_say(verdict->next, "kill %d (%s), who maps it; ipcrm -m %u (~%s)",
			       held->pid, held->comm, held->id, mt_verdict_size(words, held->kB));
	else
		mt_verdict_say(verdict->next,
			       "ipcrm -m %u (in its IPC namespace; nobody maps it: ~%s)", held->id,
			       mt_verdict_size(words, held->kB));
}

static void say_elsewhere(struct mt_verdict *verdict, const char *where, s64 kB, int pid)
{
	int length = min_t(int, strstr(where, ELSEWHERE) - where, 36);
	char words[MT_VERDICT_SIZE];

	mt_verdict_size(words, kB);
	if (pid)
		mt_verdict_say(verdict->next, "nsenter -t %d -m du -xm %.*s; rm (up to %s)", pid,
			       length, where, words);
	else
		mt_verdict_say(verdict->next,
			       "no process there: findmnt -t nsfs; nsenter --mount=FILE du %.*s (%s)",
			       length, where, words);
}

static void say_next(struct mt_verdict *verdict, const struct mt_snapshot *report,
		     unsigned int row, const struct held *held)
{
	const char *where = text(report, row, "where");
	s64 unlinked_kB = number(report, row, "unlinked_kB");
	s64 kB = number(report, row, "kB");
	char words[MT_VERDICT_SIZE];
	int pid;

	/* deleting gives nothing back where most is deleted already, or not to be reached */
	if (!strncmp(where, SYSV, strlen(SYSV)))
		say_segment(verdict, kB, held);
	else if (held->pid && (unlinked_kB > kB / 2 || !strcmp(where, DETACHED)))
		mt_verdict_say(verdict->next, "kill %d (%s: ~%s)", held->pid, held->comm,
			       mt_verdict_size(words, held->kB));
	else if (held->line && held->kB > kB / 2)
		mt_verdict_say(verdict->next,
			       "losetup -a; ss -xp; end who has it without a descriptor (up to %s)",
			       mt_verdict_size(words, held->kB));
	else if (find_in_ns(report, where, &pid))
		say_elsewhere(verdict, where, kB - unlinked_kB, pid);
	else if (is_path(where))
		mt_verdict_say(verdict->next, "du -xm %.50s | sort -n | tail; rm (up to %s)", where,
			       mt_verdict_size(words, kB - unlinked_kB));
	else
		mt_verdict_say(verdict->next, "delete files there, or end who uses it (up to %s)",
			       mt_verdict_size(words, kB));
}

/**
 * mt_judge_tmpfs() - judge the files that live in memory
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Without the report, mt_judge_share() judges them as a whole.
 *
 * Context: any; sleeps not.
 */
void mt_judge_tmpfs(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "tmpfs");
	s64 all_kB = evidence->shmem_pages * evidence->page_kB;
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	const char *where;
	struct held held;
	s64 kB, unlinked_kB;
	unsigned int row = 0;
	bool alone;

	while (report && row < report->nr_rows && !is_tmpfs(report, row))
		row++;
	if (!report || row == report->nr_rows)
		return;
	kB = number(report, row, "kB");
	unlinked_kB = number(report, row, "unlinked_kB");
	where = text(report, row, "where");
	alone = mt_verdict_is_large(evidence, kB, LARGE_ONE);
	if (!alone && !mt_verdict_is_large(evidence, all_kB, LARGE_ALL))
		return;
	verdict = mt_verdict_open(judgement, "tmpfs", alone ? kB : all_kB);
	if (!verdict)
		return;
	if (alone)
		mt_verdict_say(verdict->text, "%s %.50s — large: %u %% of MemTotal, not a cache",
			       text(report, row, "fstype"), where,
			       mt_verdict_percent(evidence, kB));
	else
		mt_verdict_say(verdict->text,
			       "tmpfs and shared memory — not a cache; most: %.36s %s",
			       where, mt_verdict_size(words, kB));
	if (unlinked_kB)
		mt_verdict_say(verdict->details[0],
			       "%s%lld files, of it unlinked and still held: %s%s",
			       mark(report, row, "files"), number(report, row, "files"),
			       mark(report, row, "unlinked_kB"),
			       mt_verdict_size(words, unlinked_kB));
	else
		mt_verdict_say(verdict->details[0], "%s%lld files", mark(report, row, "files"),
			       number(report, row, "files"));
	find_held(&held, report, row);
	if (held.line)
		mt_verdict_say(verdict->details[1], "%s", held.line);
	say_next(verdict, report, row, &held);
}
