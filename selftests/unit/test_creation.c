// SPDX-License-Identifier: GPL-2.0
/*
 * test_creation.c - knows which caches the log of creations may call alive, gone or left behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/string.h>

#include "access/creation_log.h"

#define ROOM	4
#define ROOM_MAX	64
#define TASK	0x1000
#define ROOT	0xa000
#define OTHER	0xb000

static struct mt_creation entries[ROOM_MAX];
static struct mt_creation_log log_of_test;

static int setup(void **state)
{
	memset(entries, 0, sizeof(entries));
	log_of_test = (struct mt_creation_log) {
		.entries = entries, .room = ROOM, .sees_roots = true,
	};
	return 0;
}

static void begin(const char *name, const char *module, unsigned long holder)
{
	struct mt_creation creation = { .task = TASK, .holder_id = holder, .object_size = 72 };

	strscpy(creation.name, name, sizeof(creation.name));
	strscpy(creation.module, module, sizeof(creation.module));
	mt_creation_log_begin(&log_of_test, &creation);
}

static void create(const char *name, const char *module, unsigned long root, bool fresh)
{
	begin(name, module, 0);
	mt_creation_log_root(&log_of_test, TASK, root, "root", fresh);
}

static void destroy(const char *owner, unsigned long root, s64 users, unsigned long holder)
{
	mt_creation_log_destroy(&log_of_test, &(struct mt_destruction) {
		.root_id = root, .users = users, .holder_id = holder, .owner = owner });
}

static const struct mt_creation *find(const char *name)
{
	const struct mt_creation *found = NULL;
	unsigned int i;

	for (i = 0; i < log_of_test.nr; i++) {
		if (!strcmp(entries[i].name, name) &&
		    (!found || entries[i].sequence > found->sequence))
			found = &entries[i];
	}
	assert_non_null(found);
	return found;
}

static bool gone(const char *name)
{
	return find(name)->gone;
}

static bool doubted(const char *name)
{
	return !find(name)->gone && find(name)->doubts;
}

static void a_root_is_the_tasks(void **state)
{
	begin("a", "foo", 0);
	mt_creation_log_root(&log_of_test, TASK + 1, OTHER, "", true);
	assert_int_equal(find("a")->root_id, 0);
	mt_creation_log_root(&log_of_test, TASK, ROOT, "", true);
	assert_int_equal(find("a")->root_id, ROOT);
	assert_string_equal(find("a")->root, "a");
	/* its own first link in sysfs */
	mt_creation_log_root(&log_of_test, TASK, OTHER, "x", false);
	assert_int_equal(find("a")->root_id, ROOT);
}

static void a_creation_that_failed_is_gone(void **state)
{
	begin("a", "foo", 0);
	create("b", "foo", ROOT, true);
	assert_true(gone("a"));
	assert_false(gone("b"));
}

static void without_roots_nobody_knows_that_it_failed(void **state)
{
	log_of_test.sees_roots = false;
	begin("a", "foo", 0);
	begin("b", "foo", 0);
	assert_false(gone("a"));
}

static void the_last_user_takes_all_names(void **state)
{
	create("a", "foo", ROOT, true);
	create("b", "bar", ROOT, false);
	destroy("vmlinux", ROOT, 1, 0);
	assert_true(gone("a"));
	assert_true(gone("b"));
}

static void a_new_cache_in_an_old_ones_place(void **state)
{
	create("a", "foo", ROOT, true);
	create("b", "foo", ROOT, true);
	assert_true(gone("a"));
	assert_false(gone("b"));
}

static void the_variable_tells(void **state)
{
	begin("a", "foo", 1);
	mt_creation_log_root(&log_of_test, TASK, ROOT, "root", false);
	begin("b", "foo", 2);
	mt_creation_log_root(&log_of_test, TASK, ROOT, "root", false);
	destroy("foo", ROOT, 9, 2);
	assert_true(gone("b"));
	assert_false(gone("a") || doubted("a"));
}

static void the_owner_tells_if_all_users_are_known(void **state)
{
	create("a", "foo", ROOT, true);
	create("b", "bar", ROOT, false);
	destroy("bar", ROOT, 2, 0);
	assert_true(gone("b"));
	assert_false(gone("a") || doubted("a"));
}

static void the_owner_tells_if_all_it_made_is_known(void **state)
{
	mt_creation_log_load(&log_of_test, "foo");
	create("a", "foo", ROOT, false);
	create("b", "bar", ROOT, false);
	destroy("foo", ROOT, 9, 0);
	assert_true(gone("a"));
	destroy("bar", ROOT, 8, 0);
	assert_true(doubted("b"));
}

static void two_of_one_owner_are_told_apart_by_nothing(void **state)
{
	mt_creation_log_load(&log_of_test, "foo");
	create("a", "foo", ROOT, false);
	create("b", "foo", ROOT, false);
	destroy("foo", ROOT, 9, 0);
	assert_true(doubted("a"));
	assert_true(doubted("b"));
	destroy("foo", ROOT, 8, 0);
	assert_true(gone("a"));
	assert_true(gone("b"));
}

static void what_came_between_is_not_taken_for_the_one(void **state)
{
	mt_creation_log_load(&log_of_test, "foo");
	create("a", "foo", ROOT, false);
	create("b", "foo", ROOT, false);
	destroy("foo", ROOT, 9, 0);
	create("c", "foo", ROOT, false);
	destroy("foo", ROOT, 9, 0);
	assert_true(doubted("c"));
}

static void somebody_else_may_mean_anybody(void **state)
{
	create("a", "foo", ROOT, false);
	create("b", "foo", OTHER, false);
	destroy("vmlinux", ROOT, 9, 0);
	assert_true(doubted("a"));
	assert_false(doubted("b"));
}

static void one_that_was_lost_may_be_meant(void **state)
{
	mt_creation_log_load(&log_of_test, "foo");
	create("a", "foo", ROOT, false);
	log_of_test.missed = 1;
	destroy("foo", ROOT, 9, 0);
	assert_true(doubted("a"));
}

static void one_that_went_nobody_knows_where_may_be_meant(void **state)
{
	mt_creation_log_load(&log_of_test, "foo");
	create("a", "foo", ROOT, false);
	begin("b", "foo", 0);
	destroy("foo", ROOT, 9, 0);
	assert_true(doubted("a"));
}

static void the_same_name_again_ends_a_doubt(void **state)
{
	create("a", "foo", ROOT, false);
	destroy("foo", ROOT, 9, 0);
	assert_true(doubted("a"));
	create("a", "foo", ROOT, false);
	assert_true(entries[0].gone);
	assert_false(entries[1].gone || entries[1].doubts);
}

static void left_behind_is_never_guessed(void **state)
{
	create("a", "foo", ROOT, false);
	create("b", "bar", ROOT, false);
	create("c", "vmlinux", OTHER, true);
	mt_creation_log_unload(&log_of_test, "foo", TASK, 7);
	assert_true(mt_creation_left_behind(find("a")));
	assert_int_equal(find("a")->unloaded_ns, 7);
	assert_false(mt_creation_left_behind(find("b")));
	assert_false(mt_creation_left_behind(find("c")));
	destroy("bar", ROOT, 9, 0);
	mt_creation_log_unload(&log_of_test, "bar", TASK, 8);
	assert_false(mt_creation_left_behind(find("b")));
	/* a second life of the module is another one */
	mt_creation_log_unload(&log_of_test, "foo", TASK, 9);
	assert_int_equal(find("a")->unloaded_ns, 7);
}

static void a_second_life_does_not_clean_up_after_the_first(void **state)
{
	mt_creation_log_load(&log_of_test, "foo");
	begin("a", "foo", 1);
	mt_creation_log_root(&log_of_test, TASK, ROOT, "root", false);
	mt_creation_log_unload(&log_of_test, "foo", TASK, 7);
	mt_creation_log_load(&log_of_test, "foo");
	begin("b", "foo", 1);
	mt_creation_log_root(&log_of_test, TASK, ROOT, "root", false);
	destroy("foo", ROOT, 9, 1);
	assert_true(gone("b"));
	create("c", "foo", ROOT, false);
	destroy("foo", ROOT, 9, 0);
	assert_true(gone("c"));
	assert_true(mt_creation_left_behind(find("a")));
}

static void a_module_that_jumped_away_is_known_when_it_is_gone(void **state)
{
	struct mt_destruction what = { .root_id = ROOT, .users = 9, .owner = "",
				       .unloader = TASK + 7 };

	mt_creation_log_load(&log_of_test, "foo");
	create("a", "foo", ROOT, false);
	create("b", "bar", ROOT, false);
	mt_creation_log_destroy(&log_of_test, &what);
	assert_false(gone("a") || doubted("a"));
	mt_creation_log_unload(&log_of_test, "baz", TASK, 7);
	assert_false(gone("a") || doubted("a"));
	mt_creation_log_unload(&log_of_test, "foo", TASK + 7, 8);
	assert_true(gone("a"));
	assert_false(gone("b") || doubted("b"));
}

static void the_cause_is_the_owner(void **state)
{
	struct mt_creation creation = { .task = TASK, .name = "a", .module = "vmlinux",
					.cause = "sctp" };

	mt_creation_log_begin(&log_of_test, &creation);
	mt_creation_log_root(&log_of_test, TASK, ROOT, "", true);
	mt_creation_log_unload(&log_of_test, "sctp", TASK, 7);
	assert_true(mt_creation_left_behind(find("a")));
}

static void what_is_gone_makes_room_first(void **state)
{
	create("a", "foo", ROOT + 1, true);
	create("b", "foo", ROOT + 2, true);
	create("c", "foo", ROOT + 3, true);
	create("d", "foo", ROOT + 4, true);
	create("e", "foo", ROOT + 5, true);
	assert_int_equal(log_of_test.lost, 1);
	assert_int_equal(log_of_test.seen, 5);
	assert_int_equal(log_of_test.nr, ROOM);
	destroy("bar", ROOT + 1, 9, 0);
	assert_true(doubted("a"));
	destroy("foo", ROOT + 3, 1, 0);
	create("f", "foo", ROOT + 6, true);
	assert_int_equal(log_of_test.lost, 1);
	assert_true(doubted("a"));
	create("g", "foo", ROOT + 7, true);
	assert_int_equal(log_of_test.lost, 2);
	assert_string_equal(find("g")->name, entries[0].name);
	assert_false(gone("b") || gone("d") || gone("f"));
}

static void moving_keeps_what_is_alive(void **state)
{
	struct mt_creation place[2];

	create("a", "foo", ROOT + 1, true);
	create("b", "foo", ROOT + 2, true);
	create("c", "foo", ROOT + 3, true);
	create("d", "foo", ROOT + 4, true);
	destroy("foo", ROOT + 1, 1, 0);
	mt_creation_log_move(&log_of_test, place, 2);
	assert_int_equal(log_of_test.nr, 2);
	assert_int_equal(log_of_test.lost, 1);
	assert_int_equal(log_of_test.seen, 4);
	assert_string_equal(place[0].name, "b");
	assert_string_equal(place[1].name, "c");
}

/*
 * Whatever comes and goes: what the log calls gone is gone, and what it calls left behind is there.
 * The truth is kept beside it: a few owners, of whom some were loaded before anybody watched, make
 * and destroy caches with names that are merged or not.
 */
#define OWNERS		4
#define CACHES		12

struct truth {
	char name[MT_SLAB_NAME];
	unsigned int owner;
	unsigned long root;
	bool alive;
	bool unseen;
};

static const char *const owner_names[OWNERS] = { "vmlinux", "foo", "bar", "baz" };

static s64 users_of(const struct truth *truth, unsigned long root)
{
	s64 users = 0;
	unsigned int i;

	for (i = 0; i < CACHES; i++)
		users += truth[i].alive && truth[i].root == root;
	return users;
}

static void gone_is_never_guessed(void **state)
{
	unsigned int round, step, i, seed = 1;

	for (round = 0; round < 3000; round++) {
		struct truth truth[CACHES] = { };
		unsigned long sequence = 0;

		setup(NULL);
		log_of_test.room = round % 2 ? ROOM : ROOM_MAX;
		mt_creation_log_load(&log_of_test, "bar");
		for (i = 0; i < 3; i++) {
			truth[i] = (struct truth) { .owner = rand_r(&seed) % 2, .alive = true,
						    .root = ROOT + rand_r(&seed) % 2,
						    .unseen = true };
			snprintf(truth[i].name, sizeof(truth[i].name), "old%u", i);
		}
		for (step = 0; step < 40; step++) {
			struct truth *one = &truth[rand_r(&seed) % CACHES];
			s64 users = users_of(truth, one->root);

			if (one->alive) {
				destroy(owner_names[one->owner], one->root, users, 0);
				one->alive = false;
			} else {
				one->owner = rand_r(&seed) % OWNERS;
				one->root = ROOT + rand_r(&seed) % 2;
				one->alive = true;
				one->unseen = false;
				snprintf(one->name, sizeof(one->name), "n%lu", ++sequence);
				users = users_of(truth, one->root);
				create(one->name, owner_names[one->owner], one->root, users == 1);
			}
			for (i = 0; i < log_of_test.nr; i++) {
				unsigned int k;

				for (k = 0; k < CACHES; k++) {
					if (truth[k].alive &&
					    !strcmp(truth[k].name, entries[i].name))
						assert_false(entries[i].gone);
				}
				for (k = 0; k < CACHES; k++) {
					if (truth[k].alive &&
					    !strcmp(truth[k].name, entries[i].name))
						break;
				}
				if (k == CACHES)
					assert_true(entries[i].gone || entries[i].doubts);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_root_is_the_tasks, setup),
		cmocka_unit_test_setup(a_creation_that_failed_is_gone, setup),
		cmocka_unit_test_setup(without_roots_nobody_knows_that_it_failed, setup),
		cmocka_unit_test_setup(the_last_user_takes_all_names, setup),
		cmocka_unit_test_setup(a_new_cache_in_an_old_ones_place, setup),
		cmocka_unit_test_setup(the_variable_tells, setup),
		cmocka_unit_test_setup(the_owner_tells_if_all_users_are_known, setup),
		cmocka_unit_test_setup(the_owner_tells_if_all_it_made_is_known, setup),
		cmocka_unit_test_setup(two_of_one_owner_are_told_apart_by_nothing, setup),
		cmocka_unit_test_setup(what_came_between_is_not_taken_for_the_one, setup),
		cmocka_unit_test_setup(somebody_else_may_mean_anybody, setup),
		cmocka_unit_test_setup(one_that_was_lost_may_be_meant, setup),
		cmocka_unit_test_setup(one_that_went_nobody_knows_where_may_be_meant, setup),
		cmocka_unit_test_setup(the_same_name_again_ends_a_doubt, setup),
		cmocka_unit_test_setup(left_behind_is_never_guessed, setup),
		cmocka_unit_test_setup(a_second_life_does_not_clean_up_after_the_first, setup),
		cmocka_unit_test_setup(a_module_that_jumped_away_is_known_when_it_is_gone, setup),
		cmocka_unit_test_setup(the_cause_is_the_owner, setup),
		cmocka_unit_test_setup(what_is_gone_makes_room_first, setup),
		cmocka_unit_test_setup(moving_keeps_what_is_alive, setup),
		cmocka_unit_test_setup(gone_is_never_guessed, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
