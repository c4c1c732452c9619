#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the reports cost, beside what they replace: medians of repeated runs in
# one machine. Needs stopwatch, slabinfo and page-types (tools/mm of the kernel) in the path
# or beside it. Prints a table, and as TAP whether each goal is met.
set -u
here=$(dirname "$0")
PATH=$here:$PATH
KO=${MEMTRIAGE_KO:-$here/memtriage.ko}
REPORTS=/sys/kernel/debug/memtriage
RUNS=${RUNS:-11}
cases=0
failed=0

# The classic way to ask vmalloc: sum the areas by caller.
# shellcheck disable=SC2016 # awk's, not the shell's
AWK='{ kB[$3] += $2 / 1024 } END { for (c in kB) print kB[c], c }'
# What a summary saves from reading one by one.
PROC='/proc/meminfo /proc/slabinfo /proc/vmallocinfo /proc/zoneinfo /proc/buddyinfo /proc/vmstat /proc/net/sockstat'

[ -e "$KO" ] || { echo "1..0 # SKIP no $KO"; exit 4; }

# microseconds KIND WORDS...: the median, or the end of it all.
microseconds() { stopwatch "$RUNS" "$@" || { echo "Bail out! $*" >&2; exit 1; }; }

# ratio A B: A / B with one decimal.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / (b > 0 ? b : 1) }'; }

# row OURS THEIRS WHAT GOAL: GOAL is "faster N" (at least N times) or "slower N" (at most N times).
row() {
	cases=$((cases + 1))
	if [ "${4% *}" = faster ]; then
		r=$(ratio "$2" "$1")
		met=$(awk -v r="$r" -v g="${4#* }" 'BEGIN { print (r >= g) }')
		say="$r times faster, goal at least ${4#* }"
	else
		r=$(ratio "$1" "$2")
		met=$(awk -v r="$r" -v g="${4#* }" 'BEGIN { print (r <= g) }')
		say="$r times as long, goal at most ${4#* }"
	fi
	printf '# %8s us  %8s us  %s: %s\n' "$1" "$2" "$3" "$say"
	if [ "$met" = 1 ]; then
		echo "ok $cases $3"
	else
		echo "not ok $cases $3"
		failed=$((failed + 1))
	fi
}

planted=0
now() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }
begin=$(now)
insmod "$KO" || { echo "Bail out! insmod failed"; exit 1; }
load=$(($(now) - begin))

# A guest that has just booted has a hundred vmalloc areas; a machine at work has thousands.
if insmod "${MEMTRIAGE_KMOD:-$here/kmod}/memtriage_plant.ko" 2>/dev/null; then
	planted=1
	echo 'vmalloc 2000 1' >/proc/memtriage_plant/vmalloc && echo "# with 2000 vmalloc areas more than a fresh guest has"
fi

echo "#     ours     theirs  (medians of $RUNS; $(uname -r))"
row "$(microseconds run cat $REPORTS/slab)" "$(microseconds run slabinfo -X)" \
	"cat slab beside slabinfo -X" 'faster 10'
row "$(microseconds read $REPORTS/slab)" "$(microseconds read /proc/slabinfo)" \
	"reading slab beside /proc/slabinfo" 'slower 1'
row "$(microseconds run cat $REPORTS/vmalloc)" "$(microseconds run awk "$AWK" /proc/vmallocinfo)" \
	"cat vmalloc beside awk over /proc/vmallocinfo" 'faster 5'
row "$(microseconds run cat $REPORTS/tasks)" "$(microseconds run ps)" \
	"cat tasks beside ps" 'slower 1'
# shellcheck disable=SC2086 # a list of files
row "$(microseconds read $REPORTS/summary)" "$(microseconds read $PROC)" \
	"reading summary beside the seven /proc files it replaces" 'slower 3'

# Each object of a cache with holes, beside a bare look at every word of the same
# objects. The report without the objects is taken off.
knob=/sys/module/memtriage/parameters/enumerate
caches=/proc/memtriage_plant/caches
for command in 'create plant_bench 192 ctor' 'alloc plant_bench 200000' 'free plant_bench every 3'; do
	echo "$command" >$caches || { echo "Bail out! $command"; exit 1; }
done
books=$(microseconds read $REPORTS/slab)
echo 1 >$knob
objects=$(($(microseconds read $REPORTS/slab) - books))
echo 0 >$knob
for _ in 1 2 3 4 5; do
	echo 'sweep plant_bench' >$caches
	sed -n 's/^plant_bench.sweep_us: //p' $caches
done | sort -n | sed -n 3p >/tmp/sweep
row "$objects" "$(cat /tmp/sweep)" "finding 133333 objects and all others beside reading them" 'slower 2'
echo "# $((objects * 1000 / 133333)) ns an object"
echo 'freeall plant_bench' >$caches
# ss asks the kernel for each family, and looks at every descriptor for the owners.
many_sockets 1000 >/tmp/many_sockets &
many=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	grep -q ready /tmp/many_sockets && break
	sleep 1
done
row "$(microseconds run cat $REPORTS/sockets)" "$(microseconds run ss -amp)" \
	"cat sockets beside ss -amp, 1000 sockets" 'faster 10'
kill $many
# The census, over memory of which most is in use by the page.
if [ $planted = 1 ]; then
	mkdir -p /tmp/bench && mount -t tmpfs -o size=60% none /tmp/bench &&
		head -c $(($(awk '/MemAvailable/ { print $2 }' /proc/meminfo) / 2))k /dev/zero >/tmp/bench/file
	pages=$(microseconds read $REPORTS/pages)
	sweep=$(microseconds read /proc/memtriage_plant/sweep)
	row "$pages" "$(microseconds run page-types)" "reading pages beside page-types" 'faster 20'
	row "$pages" "$sweep" "reading pages beside a bare sweep of the memory map" 'slower 2'
	# What has nothing to do with the size of memory, and what a GiB in use by the page costs more:
	# of the first there are areas of vmalloc and pages on per-CPU lists.
	file_kB=$(($(stat -c %s /tmp/bench/file) / 1024))
	rm /tmp/bench/file
	empty=$(microseconds read $REPORTS/pages)
	echo "# $empty us: pages without the file; $(awk -v a="$pages" -v b="$empty" -v kB="$file_kB" \
		'BEGIN { printf "%.1f", (a - b) * 4000 / kB }') ns for each page of the file"
	umount /tmp/bench
else
	cases=$((cases + 2))
	echo "ok $((cases - 1)) page-types # SKIP no memtriage_plant.ko"
	echo "ok $cases sweep # SKIP no memtriage_plant.ko"
fi

# A lock of the kernel's, at its longest in all these runs. A guest without KVM
# is stopped at any moment by its host, so this is told, not judged.
slabinfo=$(microseconds read /proc/slabinfo)
sed -n 's/^# held \(.*\): \([0-9]*\) us at most$/\2 \1/p' $REPORTS/status |
	while read -r us lock; do
		echo "# $us us: the longest $lock was held ($(ratio "$us" "$slabinfo") reads of /proc/slabinfo)"
	done
echo "# $load ms: insmod"
rmmod memtriage
rmmod memtriage_plant 2>/dev/null
echo "1..$cases"
[ $failed -eq 0 ]
