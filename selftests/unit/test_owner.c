// SPDX-License-Identifier: GPL-2.0
/*
 * test_owner.c - knows which links of names and variables are certain, which are guesses, and which
 * must not be made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "owner.h"

#define MODULE	3
#define OTHER	4
#define ROOM	12

static struct mt_owner_name names[ROOM];
static struct mt_owner_holder holders[ROOM];
static u16 scores[ROOM * ROOM];
static struct mt_owner_root root;

static void start(int users)
{
	memset(names, 0, sizeof(names));
	memset(holders, 0, sizeof(holders));
	root = (struct mt_owner_root) {
		.names = names,
		.holders = holders,
		.scores = scores,
		.users = users,
	};
}

/* A name of built-in code (module 0), of a module, or of nobody knows whom (MT_OWNER_NONE). */
static void name(const char *text, int module)
{
	struct mt_owner_name *name = &names[root.nr_names++];

	name->text = text;
	name->built_in = module == MT_OWNER_VMLINUX;
	if (module > 0) {
		name->modules[0] = module;
		name->nr_modules = 1;
	}
}

static struct mt_owner_holder *holder(const char *symbol, int module)
{
	struct mt_owner_holder *holder = &holders[root.nr_holders];

	*holder = (struct mt_owner_holder) {
		.symbol = symbol,
		.variable = 1000 + root.nr_holders,
		.module = module,
		.says = MT_OWNER_NONE,
	};
	root.nr_holders++;
	return holder;
}

static void link_all(void)
{
	/* to the byte, so that ASan sees a read beyond */
	root.scores = malloc(root.nr_names * root.nr_holders * sizeof(*scores) + 1);
	mt_owner_link(&root);
	free(root.scores);
}

static const char *held_by(const char *text)
{
	int i;

	for (i = 0; i < root.nr_names; i++) {
		if (!strcmp(names[i].text, text))
			return names[i].holder == MT_OWNER_NONE ? "-" :
			       holders[names[i].holder].symbol;
	}
	fail();
	return NULL;
}

static const struct mt_owner_name *find(const char *text)
{
	int i;

	for (i = 0; i < root.nr_names; i++) {
		if (!strcmp(names[i].text, text))
			return &names[i];
	}
	fail();
	return NULL;
}

static bool is_certain(const char *text)
{
	const struct mt_owner_name *name = find(text);

	return name->holder != MT_OWNER_NONE && !name->holder_guessed;
}

static void one_user_is_certain(void **state)
{
	start(1);
	name("kernfs_node_cache", MT_OWNER_VMLINUX);
	holder("something_else", MT_OWNER_VMLINUX);
	link_all();
	assert_string_equal(held_by("kernfs_node_cache"), "something_else");
	assert_true(is_certain("kernfs_node_cache"));
	assert_int_equal(root.explained, 1);
}

static void one_user_has_the_best_variable(void **state)
{
	start(1);
	name("xfrm_dst", MT_OWNER_VMLINUX);
	holder("init_net+0x10b8", MT_OWNER_VMLINUX)->rank = MT_OWNER_COPY;
	holder("iomap_bioset", MT_OWNER_VMLINUX);
	holder("xfrm_dst_cache", MT_OWNER_VMLINUX);
	holder("xfrm4_dst_ops_template+0x78", MT_OWNER_VMLINUX)->rank = MT_OWNER_SECOND;
	link_all();
	assert_string_equal(held_by("xfrm_dst"), "xfrm_dst_cache");
}

/* The published incident: its root has three built-in users, and one of a module. */
static void a_module_is_certain(void **state)
{
	start(4);
	name("Acpi-Operand", MT_OWNER_VMLINUX);
	name("TSPacket", MODULE);
	name("fanotify_fid_event", MT_OWNER_VMLINUX);
	name("vmap_area", MT_OWNER_VMLINUX);
	holder("fanotify_fid_event_cachep", MT_OWNER_VMLINUX);
	holder("vmap_area_cachep", MT_OWNER_VMLINUX);
	holder("acpi_gbl_operand_cache", MT_OWNER_VMLINUX);
	holder("packet_cache", MODULE);
	link_all();
	assert_string_equal(held_by("TSPacket"), "packet_cache");
	assert_true(is_certain("TSPacket"));
	assert_int_equal(find("TSPacket")->module, MODULE);
	assert_false(find("TSPacket")->module_guessed);
	assert_string_equal(held_by("Acpi-Operand"), "acpi_gbl_operand_cache");
	assert_false(is_certain("Acpi-Operand"));
	assert_int_equal(find("Acpi-Operand")->module, MT_OWNER_VMLINUX);
	assert_false(find("Acpi-Operand")->module_guessed);
	assert_int_equal(root.explained, 4);
}

static void what_is_left_is_certain_only_if_alike(void **state)
{
	start(2);
	name("signal_cache", MT_OWNER_VMLINUX);
	name("TSPacket", MODULE);
	holder("packet_cache", MODULE);
	holder("signal_cachep", MT_OWNER_VMLINUX);
	link_all();
	assert_true(is_certain("signal_cache"));

	/* a copy that nobody knows of may stand where the owner's variable is missing */
	start(2);
	name("signal_cache", MT_OWNER_VMLINUX);
	name("TSPacket", MODULE);
	holder("packet_cache", MODULE);
	holder("strange_table+0x40", MT_OWNER_VMLINUX);
	link_all();
	assert_string_equal(held_by("signal_cache"), "strange_table+0x40");
	assert_false(is_certain("signal_cache"));
}

static void two_of_a_module_are_a_guess(void **state)
{
	start(4);
	name("ip4-frags", MT_OWNER_VMLINUX);
	name("sc_alpha", MODULE);
	name("sc_beta", MODULE);
	name("sc_gamma", MODULE);
	holder("ip4_frags+0x20", MT_OWNER_VMLINUX)->says = 0;
	holder("sc_a_cachep", MODULE);
	holder("beta_cachep", MODULE);
	holder("sc_c_cachep", MODULE);
	link_all();
	assert_true(is_certain("ip4-frags"));
	assert_string_equal(held_by("sc_beta"), "beta_cachep");
	assert_false(is_certain("sc_beta"));
	assert_false(is_certain("sc_alpha"));
	assert_false(is_certain("sc_gamma"));
	/* but whose they are is */
	assert_int_equal(find("sc_alpha")->module, MODULE);
	assert_int_equal(find("sc_gamma")->module, MODULE);
	assert_int_equal(root.explained, 4);
}

/* A name of built-in code is not a module's, however alike they are. */
static void names_stay_with_their_givers(void **state)
{
	start(2);
	name("dm_io", MT_OWNER_VMLINUX);
	name("other", OTHER);
	holder("dm_io_cache", MODULE);
	holder("unrelated", MT_OWNER_VMLINUX);
	link_all();
	assert_string_not_equal(held_by("dm_io"), "dm_io_cache");
	assert_string_equal(held_by("other"), "-");
	assert_int_equal(find("other")->module, OTHER);
	assert_true(find("other")->module_guessed);
}

/* In the constants of two modules: who gave it is told by who holds it. */
static void the_holder_decides_between_givers(void **state)
{
	start(2);
	name("first", MT_OWNER_VMLINUX);
	name("nf_conntrack", MODULE);
	names[1].modules[1] = OTHER;
	names[1].nr_modules = 2;
	holder("first_cache", MT_OWNER_VMLINUX);
	holder("nf_conntrack_cachep", OTHER);
	link_all();
	assert_string_equal(held_by("nf_conntrack"), "nf_conntrack_cachep");
	assert_int_equal(find("nf_conntrack")->module, OTHER);
}

static void what_stands_beside_is_certain(void **state)
{
	start(4);
	name("maple_node", MT_OWNER_VMLINUX);
	name("biovec-16", MT_OWNER_VMLINUX);
	name("sgpool-8", MT_OWNER_VMLINUX);
	name("key_jar", MT_OWNER_VMLINUX);
	holder("sg_pools+0x10", MT_OWNER_VMLINUX)->says = 2;
	holder("bvec_slabs+0x10", MT_OWNER_VMLINUX)->says = 1;
	holder("key_jar", MT_OWNER_VMLINUX);
	holder("maple_node_cache", MT_OWNER_VMLINUX);
	link_all();
	assert_string_equal(held_by("sgpool-8"), "sg_pools+0x10");
	assert_true(is_certain("sgpool-8"));
	assert_string_equal(held_by("biovec-16"), "bvec_slabs+0x10");
	assert_true(is_certain("biovec-16"));
	assert_string_equal(held_by("key_jar"), "key_jar");
	assert_string_equal(held_by("maple_node"), "maple_node_cache");
}

static void copies_hold_nothing(void **state)
{
	start(3);
	name("signal_cache", MT_OWNER_VMLINUX);
	name("UDP", MT_OWNER_NONE);
	name("UDP-Lite", MT_OWNER_NONE);
	holder("udp_bpf_prots+0x150", MT_OWNER_VMLINUX)->says = 1;
	holders[0].rank = MT_OWNER_COPY;
	holder("udp_prot+0x150", MT_OWNER_VMLINUX)->says = 1;
	holder("udplite_prot+0x150", MT_OWNER_VMLINUX)->says = 2;
	holder("signal_cachep", MT_OWNER_VMLINUX);
	link_all();
	assert_string_equal(held_by("UDP"), "udp_prot+0x150");
	assert_true(is_certain("UDP"));
	assert_string_equal(held_by("UDP-Lite"), "udplite_prot+0x150");
	assert_true(is_certain("signal_cache"));
	assert_true(holders[0].spare);
	assert_int_equal(root.explained, 3);

	/* a copy that is not known as one: either may be it */
	start(1);
	name("UDP", MT_OWNER_NONE);
	name("dead", MT_OWNER_NONE);
	root.users = 2;
	holder("saved_prot+0x150", MODULE)->says = 0;
	holder("udp_prot+0x150", MT_OWNER_VMLINUX)->says = 0;
	holder("x", MT_OWNER_VMLINUX);
	link_all();
	assert_false(is_certain("UDP"));
}

/* A mempool's pointer is somebody else's, unless there is nobody else. */
static void second_pointers_stand_in(void **state)
{
	start(2);
	name("bio_integrity_data", MT_OWNER_VMLINUX);
	name("backing_aio", MT_OWNER_VMLINUX);
	holder("backing_aio_cachep", MT_OWNER_VMLINUX);
	holder("bid_pool+0x18", MT_OWNER_VMLINUX)->rank = MT_OWNER_SECOND;
	link_all();
	assert_string_equal(held_by("bio_integrity_data"), "bid_pool+0x18");
	assert_int_equal(root.explained, 2);

	/* those that say a name first, then those that are like one, an allocated mempool last */
	start(3);
	name("bio-1", MT_OWNER_NONE);
	name("bio-2", MT_OWNER_NONE);
	name("pool_workqueue", MT_OWNER_VMLINUX);
	holder("sg_pools+0x18->kmalloc-96+0x18", MT_OWNER_VMLINUX)->rank = MT_OWNER_THIRD;
	holder("bio_slabs->kmalloc-128+0x20", MT_OWNER_VMLINUX)->rank = MT_OWNER_SECOND;
	holder("bio_slabs->kmalloc-128+0x40", MT_OWNER_VMLINUX)->rank = MT_OWNER_SECOND;
	holders[2].variable = holders[1].variable;
	holders[1].table = true;
	holders[2].table = true;
	holder("pwq_cache", MT_OWNER_VMLINUX);
	link_all();
	assert_true(holders[0].spare);
	assert_string_equal(held_by("pool_workqueue"), "pwq_cache");
	assert_true(find("bio-1")->holder_part_unknown);
	assert_true(find("bio-2")->holder_part_unknown);

	start(2);
	name("mnt_cache", MT_OWNER_VMLINUX);
	name("xfrm_dst_cache", MT_OWNER_VMLINUX);
	holder("xfrm4_dst_ops_template+0x78", MT_OWNER_VMLINUX)->rank = MT_OWNER_SECOND;
	holder("mnt_cache", MT_OWNER_VMLINUX);
	holder("xfrm_dst_cache", MT_OWNER_VMLINUX);
	link_all();
	assert_true(holders[0].spare);
	assert_string_equal(held_by("xfrm_dst_cache"), "xfrm_dst_cache");
}

/* Two static variables of one name: whichever it is, it is called that. */
static void alike_ones_need_not_be_told_apart(void **state)
{
	start(3);
	name("cred", MT_OWNER_VMLINUX);
	name("mfc6_cache", MT_OWNER_VMLINUX);
	name("mfc_cache", MT_OWNER_VMLINUX);
	holder("mrt_cachep", MT_OWNER_VMLINUX);
	holder("mrt_cachep", MT_OWNER_VMLINUX);
	holder("cred_jar", MT_OWNER_VMLINUX);
	link_all();
	assert_string_equal(held_by("cred"), "cred_jar");
	assert_string_equal(held_by("mfc_cache"), "mrt_cachep");
	assert_string_equal(held_by("mfc6_cache"), "mrt_cachep");
	assert_int_not_equal(find("mfc_cache")->holder, find("mfc6_cache")->holder);
}

static void members_of_one_variable_share_its_name(void **state)
{
	start(3);
	name("pid", MT_OWNER_VMLINUX);
	name("tcp_bind_bucket", MT_OWNER_VMLINUX);
	name("tcp_bind2_bucket", MT_OWNER_VMLINUX);
	holder("init_pid_ns+0x38", MT_OWNER_VMLINUX);
	holder("tcp_hashinfo+0x18", MT_OWNER_VMLINUX);
	holder("tcp_hashinfo+0x28", MT_OWNER_VMLINUX)->variable = holders[1].variable;
	link_all();
	assert_string_equal(held_by("pid"), "init_pid_ns+0x38");
	assert_true(find("tcp_bind_bucket")->holder_part_unknown);
	assert_true(find("tcp_bind2_bucket")->holder_part_unknown);
	assert_int_not_equal(find("tcp_bind_bucket")->holder, find("tcp_bind2_bucket")->holder);
}

/* kmalloc_caches has some caches twice. */
static void one_variable_counts_once(void **state)
{
	start(1);
	name("kmalloc-64", MT_OWNER_VMLINUX);
	holder("kmalloc_caches+0x30", MT_OWNER_VMLINUX);
	holder("kmalloc_caches+0x1f0", MT_OWNER_VMLINUX)->variable = holders[0].variable;
	link_all();
	assert_string_equal(held_by("kmalloc-64"), "kmalloc_caches+0x30");
	assert_true(holders[1].spare);
	assert_int_equal(root.explained, 1);
}

static void names_of_destroyed_caches(void **state)
{
	/* the module is gone, and left its name */
	start(1);
	name("filp", MT_OWNER_VMLINUX);
	name("sp_alias_a", MT_OWNER_NONE);
	holder("filp_cachep", MT_OWNER_VMLINUX);
	link_all();
	assert_string_equal(held_by("filp"), "filp_cachep");
	assert_false(find("filp")->gone);
	assert_true(find("sp_alias_a")->gone);

	/* more without a variable than can be dead */
	start(2);
	name("filp", MT_OWNER_VMLINUX);
	name("hidden", MT_OWNER_VMLINUX);
	name("sp_alias_a", MT_OWNER_NONE);
	holder("filp_cachep", MT_OWNER_VMLINUX);
	link_all();
	assert_false(find("hidden")->gone);
	assert_true(find("sp_alias_a")->gone);

	/* a pointer that was not cleared when its cache was destroyed: not certain any more */
	start(2);
	name("filp", MT_OWNER_VMLINUX);
	name("a", MODULE);
	name("b", OTHER);
	holder("filp_cachep", MT_OWNER_VMLINUX);
	holder("a_cache", MODULE);
	holder("b_cache", OTHER);
	link_all();
	assert_false(is_certain("filp"));
}

/* The same name twice: two users, one name. The other user is there, and has no name. */
static void more_users_than_names(void **state)
{
	start(3);
	name("io", MODULE);
	name("vmap_area", MT_OWNER_VMLINUX);
	holder("io_cache", MODULE);
	holder("io_cache_2", OTHER);
	holder("vmap_area_cachep", MT_OWNER_VMLINUX);
	link_all();
	assert_string_equal(held_by("io"), "io_cache");
	assert_true(is_certain("io"));
	assert_int_equal(holders[1].name, MT_OWNER_NONE);
	assert_false(holders[1].spare);
	assert_int_equal(root.explained, 3);
}

static void an_object_of_nobody_is_a_guess(void **state)
{
	start(2);
	name("built_in", MT_OWNER_VMLINUX);
	name("tp_1", MT_OWNER_NONE);
	holder("built_in_cache", MT_OWNER_VMLINUX);
	holder("kmalloc-128+0x10", MT_OWNER_NONE)->rank = MT_OWNER_SECOND;
	link_all();
	assert_string_equal(held_by("tp_1"), "kmalloc-128+0x10");
	assert_false(is_certain("tp_1"));
	assert_int_equal(find("tp_1")->module, MT_OWNER_NONE);
}

/* A copy that hangs from nothing does not hide the object of a module's list. */
static void an_object_of_somebody_comes_first(void **state)
{
	start(1);
	name("tp_1", 3);
	holder("kmalloc-256+0x10", MT_OWNER_NONE)->rank = MT_OWNER_SECOND;
	holder("caches->kmalloc-96+0x10", 3)->rank = MT_OWNER_SECOND;
	link_all();
	assert_true(holders[0].spare);
	assert_string_equal(held_by("tp_1"), "caches->kmalloc-96+0x10");
	assert_int_equal(find("tp_1")->module, 3);
}

/* Nor does one that has the name beside it, as the object has. */
static void a_whole_copy_comes_second(void **state)
{
	start(1);
	name("tp_1", 3);
	holder("kmalloc-256+0x10", MT_OWNER_NONE)->rank = MT_OWNER_SECOND;
	holder("caches->kmalloc-96+0x10", 3)->rank = MT_OWNER_SECOND;
	holders[0].says = 0;
	holders[1].says = 0;
	link_all();
	assert_string_equal(held_by("tp_1"), "caches->kmalloc-96+0x10");
	assert_int_equal(find("tp_1")->module, 3);
}

static void nothing_to_link(void **state)
{
	start(1);
	link_all();
	name("alone", MT_OWNER_NONE);
	link_all();
	assert_string_equal(held_by("alone"), "-");
	assert_int_equal(find("alone")->module, MT_OWNER_NONE);
	assert_false(find("alone")->gone);
	assert_int_equal(root.explained, 0);
}

/* Whatever comes, links are mutual and one to one, and nothing hangs. */
static void anything_goes(void **state)
{
	static const char *const texts[] = { "a_b", "a", "b_cache", "tcp", "tcp_b", "x", "", "+" };
	unsigned int seed = 7, round;
	int i;

	for (round = 0; round < 20000; round++) {
		int nr = rand_r(&seed) % ROOM;

		start(1 + rand_r(&seed) % 6);
		for (i = 0; i < nr; i++)
			name(texts[rand_r(&seed) % 8], (int)(rand_r(&seed) % 4) - 1);
		nr = rand_r(&seed) % ROOM;
		for (i = 0; i < nr; i++) {
			struct mt_owner_holder *one = holder(texts[rand_r(&seed) % 8],
							     (int)(rand_r(&seed) % 4) - 1);

			one->rank = rand_r(&seed) % 4;
			one->table = rand_r(&seed) % 4 == 0;
			one->variable = rand_r(&seed) % 5;
			if (root.nr_names && rand_r(&seed) % 4 == 0)
				one->says = rand_r(&seed) % root.nr_names;
		}
		link_all();
		assert_true(root.explained >= 0 && root.explained <= root.users);
		for (i = 0; i < root.nr_names; i++) {
			if (names[i].holder == MT_OWNER_NONE)
				continue;
			assert_int_equal(holders[names[i].holder].name, i);
			assert_false(holders[names[i].holder].spare);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_user_is_certain),
		cmocka_unit_test(one_user_has_the_best_variable),
		cmocka_unit_test(a_module_is_certain),
		cmocka_unit_test(what_is_left_is_certain_only_if_alike),
		cmocka_unit_test(two_of_a_module_are_a_guess),
		cmocka_unit_test(names_stay_with_their_givers),
		cmocka_unit_test(the_holder_decides_between_givers),
		cmocka_unit_test(what_stands_beside_is_certain),
		cmocka_unit_test(copies_hold_nothing),
		cmocka_unit_test(second_pointers_stand_in),
		cmocka_unit_test(alike_ones_need_not_be_told_apart),
		cmocka_unit_test(members_of_one_variable_share_its_name),
		cmocka_unit_test(one_variable_counts_once),
		cmocka_unit_test(names_of_destroyed_caches),
		cmocka_unit_test(more_users_than_names),
		cmocka_unit_test(an_object_of_nobody_is_a_guess),
		cmocka_unit_test(an_object_of_somebody_comes_first),
		cmocka_unit_test(a_whole_copy_comes_second),
		cmocka_unit_test(nothing_to_link),
		cmocka_unit_test(anything_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
