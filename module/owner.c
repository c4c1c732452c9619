// SPDX-License-Identifier: GPL-2.0
/*
 * owner.c - knows which name of a merged cache belongs to which variable that holds it.
 *
 * Pure. Nothing in the kernel ties the two together, so it is done by evidence, the best first:
 *   - the name, or a pointer to it, stands beside the cache's pointer;
 *   - only one module has the name among its constants, and only one variable of that module holds
 *     the cache; likewise for the kernel itself if all names are accounted for;
 *   - all other names and variables are linked, and each was asked for once.
 * These are certain. What they leave over is guessed, by words that the name and the variable have
 * in common, and is marked as a guess.
 */
#include "owner.h"

#include <linux/kernel.h>
#include <linux/string.h>

/* Words of a name that are compared, and characters of each. */
#define WORDS		8
#define WORD_BYTES	24

/* Words that begin alike are related from so many characters on. */
#define PREFIX		3

/* Names and variables of one cache among which is guessed: the largest merges have a dozen. */
#define GUESSED_NAMES	32
#define GUESSED_HOLDERS	64

/* Scores: one for each character in common, and for words and names that are the same. */
#define SAME_WORD	2
#define KNOWN_PAIR	50
#define SAME_NAME	100

/* struct words - a name taken apart */
struct words {
	unsigned int nr;
	char word[WORDS][WORD_BYTES];
	char all[WORDS * WORD_BYTES];
};

/* They stand in the names of all caches, and tell nothing. */
static const char *const empty_words[] = {
	"cache", "cachep", "caches", "gbl", "head", "kmem", "prot", "proto", "slab", "slabs",
	"struct",
};

static bool is_empty_word(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(empty_words); i++) {
		if (!strcmp(word, empty_words[i]))
			return true;
	}
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void take_apart(struct words *words, const char *text)
{
	size_t all = 0;

	memset(words, 0, sizeof(*words));
	while (*text && *text != '+' && words->nr < WORDS) {
		char *word = words->word[words->nr];
		size_t length = 0;

		for (; is_letter(*text); text++) {
			if (length + 1 < WORD_BYTES)
				word[length++] = *text >= 'A' && *text <= 'Z' ? *text + 'a' - 'A' :
										*text;
		}
		word[length] = '\0';
		if (length && !is_empty_word(word)) {
			memcpy(words->all + all, word, length);
			all += length;
			words->nr++;
		}
		while (*text && *text != '+' && !is_letter(*text))
			text++;
	}
}

static unsigned int common_length(const char *first, const char *second)
{
	unsigned int length = 0;

	while (first[length] && first[length] == second[length])
		length++;
	return length;
}

static unsigned int word_score(const char *word, const struct words *others)
{
	unsigned int best = 0;
	unsigned int i;

	for (i = 0; i < others->nr; i++) {
		unsigned int length = common_length(word, others->word[i]);

		if (!word[length] && !others->word[i][length])
			length += SAME_WORD;
		else if (length < PREFIX)
			continue;
		if (length > best)
			best = length;
	}
	return best;
}

/*
 * struct known_pair - names and variables of the kernel that have no word in common
 * @name: the cache
 * @symbol: what the variable's name begins with
 */
struct known_pair {
	const char *name;
	const char *symbol;
};

static const struct known_pair known_pairs[] = {
	{ "Acpi-Parse", "acpi_gbl_ps_node_cache" },
	{ "Acpi-ParseExt", "acpi_gbl_ps_node_ext_cache" },
	{ "bio_integrity_payload", "bip_slab" },
	{ "blkdev_ioc", "iocontext_cachep" },
	{ "buffer_head", "bh_cachep" },
	{ "file_lock_ctx", "flctx_cache" },
	{ "io_kiocb", "req_cachep" },
	{ "ip_dst_cache", "ipv4_dst_ops" },
	{ "ip_mrt_cache", "mrt_cachep" },
	{ "mfc6_cache", "mrt_cachep" },
	{ "mfc_cache", "mrt_cachep" },
	{ "pool_workqueue", "pwq_cache" },
	{ "rtable", "ipv4_dst_ops" },
	{ "shared_policy_node", "sn_cache" },
	{ "skbuff_fclone_cache", "net_hotdata" },
	{ "skbuff_head_cache", "net_hotdata" },
	{ "task_delay_info", "delayacct_cache" },
};

static bool is_known_pair(const char *name, const char *symbol)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known_pairs); i++) {
		if (!strcmp(known_pairs[i].name, name) &&
		    !strncmp(symbol, known_pairs[i].symbol, strlen(known_pairs[i].symbol)))
			return true;
	}
	return false;
}

/* How much a name and a variable are alike; 0 if they have nothing in common. */
static unsigned int likeness(const char *name, const char *symbol)
{
	struct words words, others;
	unsigned int score = 0;
	unsigned int i;

	take_apart(&words, name);
	take_apart(&others, symbol);
	if (words.nr && !strcmp(words.all, others.all))
		score += SAME_NAME;
	if (is_known_pair(name, symbol))
		score += KNOWN_PAIR;
	for (i = 0; i < words.nr; i++)
		score += word_score(words.word[i], &others);
	return score;
}

static u16 *score_of(const struct mt_owner_root *root, int name, int holder)
{
	return &root->scores[name * root->nr_holders + holder];
}

static void set_scores(struct mt_owner_root *root)
{
	int i, j;

	for (i = 0; i < root->nr_names; i++) {
		for (j = 0; j < root->nr_holders; j++)
			*score_of(root, i, j) = root->holders[j].rank == MT_OWNER_COPY ? 0 :
				likeness(root->names[i].text, root->holders[j].symbol);
	}
}

static void set_link(struct mt_owner_root *root, int name, int holder, bool guessed)
{
	root->names[name].holder = holder;
	root->names[name].holder_guessed = guessed;
	root->holders[holder].name = name;
}

static bool is_open(const struct mt_owner_holder *holder)
{
	return holder->name == MT_OWNER_NONE && !holder->spare;
}

static int count_open(const struct mt_owner_root *root)
{
	int i, nr = 0;

	for (i = 0; i < root->nr_holders; i++)
		nr += is_open(&root->holders[i]);
	return nr;
}

/* Holders that stand for a user each: linked or open. */
static int count_holders(const struct mt_owner_root *root)
{
	int i, nr = 0;

	for (i = 0; i < root->nr_holders; i++)
		nr += !root->holders[i].spare;
	return nr;
}

/* Another pointer in the same variable stands for this user. */
static bool has_variable(const struct mt_owner_root *root, int holder)
{
	int i;

	if (root->holders[holder].table)
		return false;
	for (i = 0; i < root->nr_holders; i++) {
		if (i != holder && !root->holders[i].spare &&
		    root->holders[i].variable == root->holders[holder].variable)
			return true;
	}
	return false;
}

/* Of a cache that is not merged: the variable that looks most like its owner. */
static void choose_one(struct mt_owner_root *root)
{
	unsigned int best_score = 0;
	int best = MT_OWNER_NONE;
	int i;

	for (i = 0; i < root->nr_holders; i++) {
		const struct mt_owner_holder *holder = &root->holders[i];
		unsigned int score = 1;

		if (holder->spare)
			continue;
		if (holder->says != MT_OWNER_NONE)
			score += SAME_NAME * SAME_NAME;
		if (root->nr_names == 1)
			score += 2 * *score_of(root, 0, i);
		/* a variable of its own rather than a member of something larger */
		score += !strchr(holder->symbol, '+');
		if (score > best_score) {
			best_score = score;
			best = i;
		}
	}
	for (i = 0; i < root->nr_holders; i++)
		root->holders[i].spare |= i != best;
}

static bool says_name(const struct mt_owner_root *root, int holder)
{
	return root->holders[holder].says != MT_OWNER_NONE;
}

static bool is_like_a_name(const struct mt_owner_root *root, int holder)
{
	int i;

	for (i = 0; i < root->nr_names; i++) {
		if (*score_of(root, i, holder))
			return true;
	}
	return false;
}

/* What hangs from no variable may be an old copy in memory that is not used any more. */
static bool hangs_from_variable(const struct mt_owner_root *root, int holder)
{
	return root->holders[holder].module != MT_OWNER_NONE;
}

static bool says_name_from_variable(const struct mt_owner_root *root, int holder)
{
	return says_name(root, holder) && hangs_from_variable(root, holder);
}

/* Takes lesser pointers as long as there are users that nobody stands for. */
static void promote(struct mt_owner_root *root, enum mt_owner_rank rank,
		    bool (*fits)(const struct mt_owner_root *root, int holder))
{
	int i;

	for (i = 0; i < root->nr_holders && count_holders(root) < root->users; i++) {
		if (root->holders[i].rank == rank && !has_variable(root, i) &&
		    (!fits || fits(root, i)))
			root->holders[i].spare = false;
	}
}

/* Copies do not count, and second pointers only where users are left that nobody else is. */
static void choose_holders(struct mt_owner_root *root)
{
	int i;

	for (i = 0; i < root->nr_holders; i++) {
		struct mt_owner_holder *holder = &root->holders[i];

		holder->name = MT_OWNER_NONE;
		holder->spare = holder->rank != MT_OWNER_OWN;
	}
	promote(root, MT_OWNER_SECOND, says_name_from_variable);
	promote(root, MT_OWNER_SECOND, says_name);
	promote(root, MT_OWNER_SECOND, is_like_a_name);
	promote(root, MT_OWNER_SECOND, hangs_from_variable);
	promote(root, MT_OWNER_SECOND, NULL);
	promote(root, MT_OWNER_THIRD, NULL);
	/* a variable with the pointer in two places, as kmalloc_caches has */
	for (i = root->nr_holders - 1; i > 0 && count_holders(root) > root->users; i--) {
		if (!root->holders[i].spare && has_variable(root, i))
			root->holders[i].spare = true;
	}
	if (root->users == 1)
		choose_one(root);
}

/* How many say this name? With more variables than users, some of them are copies. */
static int count_saying(const struct mt_owner_root *root, int name)
{
	int i, nr = 0;

	for (i = 0; i < root->nr_holders; i++)
		nr += !root->holders[i].spare && root->holders[i].says == name;
	return nr;
}

static void link_said(struct mt_owner_root *root)
{
	int i;

	for (i = 0; i < root->nr_holders; i++) {
		struct mt_owner_holder *holder = &root->holders[i];

		if (holder->spare || holder->says == MT_OWNER_NONE ||
		    root->names[holder->says].holder != MT_OWNER_NONE)
			continue;
		set_link(root, holder->says, i,
			 count_saying(root, holder->says) > 1 && count_holders(root) > root->users);
	}
}

static bool has_literal(const struct mt_owner_name *name, int module)
{
	unsigned int i;

	if (name->built_in)
		return module == MT_OWNER_VMLINUX;
	for (i = 0; i < name->nr_modules && i < MT_OWNER_MODULES; i++) {
		if (name->modules[i] == module)
			return true;
	}
	return false;
}

/* The one who can have given this name, or MT_OWNER_NONE if it is not known. */
static int giver(const struct mt_owner_name *name)
{
	if (name->built_in)
		return MT_OWNER_VMLINUX;
	return name->nr_modules == 1 ? name->modules[0] : MT_OWNER_NONE;
}

/* May this variable hold the cache of this name? */
static bool is_possible(const struct mt_owner_name *name, const struct mt_owner_holder *holder)
{
	if (name->holder != MT_OWNER_NONE || !is_open(holder))
		return false;
	if (holder->module == MT_OWNER_NONE)
		return true;
	if (name->built_in || name->nr_modules)
		return has_literal(name, holder->module) || name->nr_modules > MT_OWNER_MODULES;
	return true;
}

static bool can_be_by(const struct mt_owner_name *name, int module)
{
	return name->holder == MT_OWNER_NONE &&
	       (has_literal(name, module) || (!name->built_in && !name->nr_modules) ||
		name->nr_modules > MT_OWNER_MODULES);
}

/*
 * One name that only this module has, and one variable of this module: certain. With the kernel, a
 * name that nobody has may have been made by it at run time, and a variable be a copy that nobody
 * knows of; so there all must be accounted for, and the two be alike.
 */
static void link_module(struct mt_owner_root *root, int module)
{
	int name = MT_OWNER_NONE, holder = MT_OWNER_NONE;
	int names = 0, maybe = 0, holders = 0;
	int i;

	for (i = 0; i < root->nr_names; i++) {
		if (root->names[i].holder != MT_OWNER_NONE)
			continue;
		if (giver(&root->names[i]) == module) {
			names++;
			name = i;
		} else if (can_be_by(&root->names[i], module)) {
			maybe++;
		}
	}
	for (i = 0; i < root->nr_holders; i++) {
		if (is_open(&root->holders[i]) && root->holders[i].module == module) {
			holders++;
			holder = i;
		}
	}
	if (names != 1 || holders != 1 || maybe)
		return;
	if (module == MT_OWNER_VMLINUX &&
	    (root->nr_names != root->users || count_holders(root) != root->users ||
	     !*score_of(root, name, holder)))
		return;
	set_link(root, name, holder, false);
}

static void link_modules(struct mt_owner_root *root)
{
	int i;

	for (i = 0; i < root->nr_holders; i++) {
		if (is_open(&root->holders[i]) && root->holders[i].module != MT_OWNER_NONE)
			link_module(root, root->holders[i].module);
	}
}

/* Is everything certain so far, and nothing missing? */
static bool is_accounted_for(const struct mt_owner_root *root)
{
	int i;

	if (root->nr_names != root->users || count_holders(root) != root->users)
		return false;
	for (i = 0; i < root->nr_names; i++) {
		if (root->names[i].holder != MT_OWNER_NONE && root->names[i].holder_guessed)
			return false;
	}
	return true;
}

/* One name and one variable are left over. */
static bool link_last(struct mt_owner_root *root)
{
	int name = MT_OWNER_NONE, holder = MT_OWNER_NONE;
	int names = 0;
	int i;

	for (i = 0; i < root->nr_names; i++) {
		if (root->names[i].holder == MT_OWNER_NONE) {
			names++;
			name = i;
		}
	}
	if (names != 1 || count_open(root) != 1)
		return false;
	for (i = 0; i < root->nr_holders; i++) {
		if (is_open(&root->holders[i]))
			holder = i;
	}
	if (!is_possible(&root->names[name], &root->holders[holder]))
		return false;
	/* who holds the only user's pointer is its holder, whatever it is called */
	set_link(root, name, holder,
		 !is_accounted_for(root) || root->holders[holder].module == MT_OWNER_NONE ||
		 (root->users > 1 && !*score_of(root, name, holder)));
	return true;
}

/* Two variables that print alike need not be told apart. */
static bool prints_alike(const struct mt_owner_root *root, int first, int second)
{
	return root->holders[first].module == root->holders[second].module &&
	       !strcmp(root->holders[first].symbol, root->holders[second].symbol);
}

/*
 * How far a pair leads: 0 if another pair with the same name or the same variable is as much alike.
 * Variables that print alike do not compete, and as many names as there are of them do not either.
 */
static unsigned int clear_score(const struct mt_owner_root *root, int name, int holder)
{
	unsigned int score = *score_of(root, name, holder);
	int alike = 0, rivals = 0;
	int i;

	for (i = 0; i < root->nr_holders; i++) {
		if (!is_possible(&root->names[name], &root->holders[i]))
			continue;
		if (prints_alike(root, i, holder))
			alike++;
		else if (*score_of(root, name, i) >= score)
			return 0;
	}
	for (i = 0; i < root->nr_names; i++) {
		if (is_possible(&root->names[i], &root->holders[holder]) &&
		    *score_of(root, i, holder) >= score)
			rivals++;
	}
	return rivals <= alike ? score : 0;
}

/* Among so many, each guess would be worth nothing, and all together cost too much. */
static bool can_guess(const struct mt_owner_root *root)
{
	return root->nr_names <= GUESSED_NAMES && root->nr_holders <= GUESSED_HOLDERS;
}

/* The pair that is most alike, of those that are clear. */
static bool link_most_alike(struct mt_owner_root *root)
{
	int name = MT_OWNER_NONE, holder = MT_OWNER_NONE;
	unsigned int best = 0;
	int i, j;

	for (i = 0; i < root->nr_names; i++) {
		for (j = 0; j < root->nr_holders; j++) {
			unsigned int score;

			if (!is_possible(&root->names[i], &root->holders[j]))
				continue;
			score = clear_score(root, i, j);
			if (score <= best)
				continue;
			best = score;
			name = i;
			holder = j;
		}
	}
	if (!best)
		return false;
	set_link(root, name, holder, true);
	return true;
}

/*
 * All variables that are left print alike, or are members of one: whichever it is, it is called
 * that.
 */
static void link_alike(struct mt_owner_root *root)
{
	int first = MT_OWNER_NONE;
	bool members = false;
	int i, j;

	for (i = 0; i < root->nr_holders; i++) {
		if (!is_open(&root->holders[i]))
			continue;
		if (first == MT_OWNER_NONE)
			first = i;
		if (prints_alike(root, first, i))
			continue;
		members = true;
		if (root->holders[first].variable != root->holders[i].variable)
			return;
	}
	for (i = 0; i < root->nr_names; i++) {
		for (j = 0; j < root->nr_holders; j++) {
			if (is_possible(&root->names[i], &root->holders[j])) {
				set_link(root, i, j, true);
				root->names[i].holder_part_unknown = members;
				break;
			}
		}
	}
}

static void set_modules(struct mt_owner_root *root)
{
	int i;

	for (i = 0; i < root->nr_names; i++) {
		struct mt_owner_name *name = &root->names[i];

		if (name->built_in) {
			name->module = MT_OWNER_VMLINUX;
		} else if (name->holder != MT_OWNER_NONE &&
			   root->holders[name->holder].module != MT_OWNER_NONE) {
			name->module = root->holders[name->holder].module;
			name->module_guessed = name->holder_guessed;
			/* whichever of its variables it is */
			if (giver(name) == name->module)
				name->module_guessed = false;
		} else if (giver(name) != MT_OWNER_NONE) {
			name->module = giver(name);
			name->module_guessed = true;
		}
	}
}

/* More names than users: some caches were destroyed, and their names stay. */
static void mark_gone(struct mt_owner_root *root)
{
	int surplus = root->nr_names - root->users;
	int unlinked = 0;
	int i;

	for (i = 0; i < root->nr_names; i++)
		unlinked += root->names[i].holder == MT_OWNER_NONE;
	for (i = 0; i < root->nr_names && surplus > 0; i++) {
		const struct mt_owner_name *name = &root->names[i];
		bool alive = name->built_in || name->nr_modules;

		/* with more to choose from than are surplus, those are spared that have a giver */
		root->names[i].gone = name->holder == MT_OWNER_NONE &&
				      (unlinked <= surplus || !alive);
	}
}

/**
 * mt_owner_link() - link the names of a cache to those who hold it
 * @root: the cache; results go into its names and holders
 *
 * Context: any.
 */
void mt_owner_link(struct mt_owner_root *root)
{
	int i;

	for (i = 0; i < root->nr_names; i++) {
		root->names[i].holder = MT_OWNER_NONE;
		root->names[i].holder_guessed = false;
		root->names[i].holder_part_unknown = false;
		root->names[i].module = MT_OWNER_NONE;
		root->names[i].module_guessed = false;
		root->names[i].gone = false;
	}
	set_scores(root);
	choose_holders(root);
	root->explained = min(root->users, count_holders(root));
	link_said(root);
	link_modules(root);
	while (link_last(root) || (can_guess(root) && link_most_alike(root)))
		;
	link_alike(root);
	set_modules(root);
	mark_gone(root);
}
