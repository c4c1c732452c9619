#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What memtriage does on a kernel that lacks something: each symbol and member
# that a report asks for is hidden in turn (the hide parameter). Then insmod
# succeeds, every report can be read, status says what is missing and what is
# lost, reports that do not need it are as before, and rmmod leaves nothing.

DIR=$(dirname "$(readlink -f "$0")")
for helpers in "$DIR"/../kselftest "$DIR"/kselftest "$DIR"; do
	if [ -e "$helpers/ktap_helpers.sh" ]; then
		# shellcheck source=/dev/null
		. "$helpers/ktap_helpers.sh"
		break
	fi
done

KO=${MEMTRIAGE_KO:-./memtriage.ko}
CHECK=$DIR/report_check
# The reports: those that stand there when the module is loaded first.
REPORTS=
# All of them are read each time.
whole=
# Fewer names than this that change anything, and the test tests nothing.
EFFECTIVE_MIN=10
TMP=$(mktemp -d)
trap 'rmmod memtriage 2>/dev/null; rm -rf "$TMP"' EXIT

# $dir: the directory in which the reports stand now.
reports_dir() {
	dir=/sys/kernel/debug/memtriage
	[ -d $dir ] || dir=/proc/memtriage
}

# What a report costs is not the matter here: a sample will do. But time enough for those that
# do not sample, also where memory is checked at each access.
QUICK="summary_ms=100 content_objects=1000"

# load [PARAMETER]: a fresh module; read status, and which reports say that they
# are not as they were, into $TMP/states. Of the others two are read in turn. Owners and
# modules both look at all objects, which nothing else takes as long for: of the two, one.
load() {
	# a process is dear: none to unload what is not there
	[ ! -d /sys/module/memtriage ] || rmmod memtriage
	# The parameters are words, and are meant to be split.
	# shellcheck disable=SC2086
	if ! insmod "$KO" $QUICK "$@"; then
		echo "# insmod failed with $*"
		return 1
	fi
	reports_dir
	# All that stand there at first; later all of these must.
	[ -n "$REPORTS" ] || REPORTS=$(cd "$dir" && echo *)
	if [ -e "$TMP/before" ] && [ -z "$whole" ]; then
		turn=$((turn + 1))
		to_read=$(awk -v reports="$REPORTS" -v turn="$turn" '
			FILENAME == ARGV[1] { before[$1] = $2; next }
			$1 ~ /^(ok|partial|unavailable)$/ && (before[$2] != $1 || $3 == "lost:") { read[$2] = 1 }
			END {
				nr = split(reports, list, " ")
				read["status"] = 1
				if ("owners" in read && "modules" in read)
					delete read[turn % 2 ? "owners" : "modules"]
				read[list[turn % nr + 1]] = read[list[(turn + nr / 2) % nr + 1]] = 1
				for (i = 1; i <= nr; i++)
					if (list[i] in read)
						printf "%s ", list[i]
			}' "$TMP/before" "$dir/status")
	else
		turn=${turn:-0}
		to_read=$REPORTS
	fi
	# The names are words, and are meant to be split.
	# shellcheck disable=SC2086
	if ! "$CHECK" $to_read >"$TMP/states"; then
		sed 's/^/# /' "$TMP/states"
		return 1
	fi
}

unload() {
	rmmod memtriage || return 1
	! grep -q '\[memtriage\]' /proc/vmallocinfo
}

# state REPORT [FILE]: what the report itself said of its state.
state() { sed -n "s/^$1 \([a-z]*\).*/\1/p" "${2:-$TMP/states}"; }

# check NAME: with NAME hidden, each report is as before, or says what it lost.
# Counts in $changed the reports that are not as before. One awk for all of it:
# there are many names, and in a guest without KVM a process is dear.
check() {
	# A type is missing in its members, which are named by it.
	changed=$(awk -v name="$1" -v type="${1#struct }" -v reports="$REPORTS" '
		function wrong(words) { print "# " words; bad = 1 }
		FILENAME == ARGV[1] { before[$1] = $2; next }
		FILENAME == ARGV[2] { now[$1] = $2; said[$1] = $0; next }
		FILENAME == ARGV[3] { verdict += /^verdict: /; next }
		$1 ~ /^(ok|partial|unavailable)$/ {
			claimed[$2] = $1
			lost[$2] = $0
			sub(/^ *[a-z]+ +[a-z]+ +/, "", lost[$2])
		}
		END {
			if (!verdict)
				wrong("no verdict")
			nr = split(reports, list, " ")
			for (i = 1; i <= nr; i++) {
				r = list[i]
				if (!(r in claimed))
					wrong("status does not name " r)
				told = index(lost[r], type) > 0
				changed += told
				if (told && !index(lost[r], "lost:"))
					wrong("status does not say what " r " lost: " lost[r])
				if (!(r in now))
					continue
				# A summary is no better than what it is made of.
				if (r != "summary" && now[r] != claimed[r])
					wrong(r " is " now[r] ", and status says " claimed[r])
				if (!told) {
					if (r != "summary" && now[r] != before[r])
						wrong(r " was " before[r] " and is " now[r] ", and status does not name " name)
					continue
				}
				if (now[r] == "ok")
					wrong(r " is ok, and status says it lost " name)
				if (!index(said[r], type))
					wrong(r " is " now[r] ", and does not name " name ": " said[r])
			}
			if (!bad)
				print changed + 0
			exit bad
		}' "$TMP/before" "$TMP/states" "$dir/summary" "$dir/status") || { echo "$changed"; return 1; }
}

attempt() { load "hide=\"$1\"" && check "$1" && unload; }

# hide NAME: one test. A report may be partial for another reason once, such as
# objects that move.
hide() {
	# The two words of "struct type" are one name.
	if attempt "$1" || attempt "$1"; then
		if [ "$changed" -gt 0 ]; then
			effective=$((effective + 1))
		fi
		ktap_test_pass "hide=$1 changes $changed reports"
	else
		ktap_test_fail "hide=$1"
	fi
}

ktap_print_header
if [ "$(id -u)" != 0 ]; then
	ktap_skip_all "needs root"
	exit "$KSFT_SKIP"
fi
if ! load; then
	ktap_set_plan 1
	ktap_test_fail "load with nothing hidden"
	ktap_finished
fi
cp "$TMP/states" "$TMP/before"
# "# table NAME (state): symbol type.member struct type ..."
sed -n 's/^# table [^:]*: *//p' "$dir/status" |
	sed 's/struct \([^ ]*\)/struct_\1/g' | tr ' ' '\n' | sort -u |
	sed -n '/./p' >"$TMP/names"
unload

# Where a load takes long, because symbols are searched one by one or memory is
# checked at each access, every fourth name is tried: the tables are the same.
now() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }
begin=$(now)
load
if [ $(($(now) - begin)) -gt 600 ]; then
	echo "# $(($(now) - begin)) ms for a load: every fourth name"
	awk 'NR % 4 == 1' "$TMP/names" >"$TMP/some" && mv "$TMP/some" "$TMP/names"
fi
unload
nr_names=$(wc -l <"$TMP/names")
effective=0
ktap_set_plan $((nr_names + 6))

while read -r name; do
	case $name in
	struct_*) hide "struct ${name#struct_}" ;;
	*) hide "$name" ;;
	esac
done <"$TMP/names"

if [ "$effective" -ge "$EFFECTIVE_MIN" ]; then
	ktap_test_pass "$effective of $nr_names names change something"
else
	ktap_test_fail "only $effective of $nr_names names change something"
fi

# No BTF at all: private structs cannot be read, counters can.
if load hide=btf && [ "$(state slab)" = unavailable ] &&
   grep '^slab ' "$TMP/states" | grep -qi btf &&
   [ "$(state ledger)" != unavailable ] && [ "$(state status)" = ok ] &&
   grep -q '^verdict: ' "$dir/summary" && unload; then
	ktap_test_pass "hide=btf"
else
	sed 's/^/# /' "$TMP/states"
	ktap_test_fail "hide=btf"
fi

# No symbols: no BTF either, since it is found by its symbols.
if load hide=kallsyms_lookup_name && [ "$(state slab)" = unavailable ] &&
   grep '^slab ' "$TMP/states" | grep -q kallsyms_lookup_name &&
   [ "$(state ledger)" != unavailable ] && [ "$(state status)" = ok ] &&
   grep -q '^verdict: ' "$dir/summary" && unload; then
	ktap_test_pass "hide=kallsyms_lookup_name"
else
	sed 's/^/# /' "$TMP/states"
	ktap_test_fail "hide=kallsyms_lookup_name"
fi

# From here on all reports are read.
whole=1

# Several at once.
if load hide=slab_mutex,vmap_area_lock,vmap_nodes &&
   [ "$(state slab)" = unavailable ] && [ "$(state vmalloc)" = unavailable ] &&
   [ "$(state ledger)" = "$(state ledger "$TMP/before")" ] && unload; then
	ktap_test_pass "hide=slab_mutex,vmap_area_lock,vmap_nodes"
else
	sed 's/^/# /' "$TMP/states"
	ktap_test_fail "hide=slab_mutex,vmap_area_lock,vmap_nodes"
fi

# as_at_first [PARAMETER]: all reports are in the state they had with nothing hidden.
# One that had too little room (-E2BIG), as where each object has another that
# describes it, is let off: what was hidden has no part in that. So is a summary that had too
# little time at first, and has enough now.
as_at_first() {
	load "$@" && cut -d' ' -f1,2 "$TMP/before" >"$TMP/was" &&
		! grep -v 'error -7)' "$TMP/states" | cut -d' ' -f1,2 | grep -vx 'summary ok' |
			grep -vxFf "$TMP/was" >"$TMP/differ" &&
		[ "$(wc -l <"$TMP/states")" = "$(wc -l <"$TMP/before")" ] && return
	sed 's/^/# /' "$TMP/differ" "$TMP/states"
	return 1
}

# A name that nobody asks for hides nothing, and is said to.
if { as_at_first hide=no_such_symbol || as_at_first hide=no_such_symbol; } &&
   grep -q no_such_symbol "$dir/status" && unload; then
	ktap_test_pass "hide=no_such_symbol"
else
	ktap_test_fail "hide=no_such_symbol"
fi

# And with nothing hidden all is as at first.
if { as_at_first || as_at_first; } && unload; then
	ktap_test_pass "nothing hidden"
else
	ktap_test_fail "nothing hidden"
fi

ktap_finished
