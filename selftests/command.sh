#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The memtriage command in a machine with known memory: its words and figures are
# the module's, its exit status is the verdict's, and without the module, without
# root or without sense it says so.

DIR=$(dirname "$(readlink -f "$0")")
for helpers in "$DIR"/../kselftest "$DIR"/kselftest "$DIR"; do
	if [ -e "$helpers/ktap_helpers.sh" ]; then
		# shellcheck source=/dev/null
		. "$helpers/ktap_helpers.sh"
		break
	fi
done

KO=${MEMTRIAGE_KO:-./memtriage.ko}
PLANT_KO=${MEMTRIAGE_KMOD:-./kmod}/memtriage_plant.ko
PLANT=/proc/memtriage_plant
COMMAND=${MEMTRIAGE_COMMAND:-$DIR/memtriage}
PACKETS=30000
TMP=$(mktemp -d)
trap 'rmmod memtriage memtriage_plant 2>/dev/null; rm -rf "$TMP"' EXIT

# run STATUS ARGUMENT...: the command ends with that status; its words are in $TMP/out, $TMP/err.
run() {
	expected=$1
	shift
	"$COMMAND" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	status=$?
	[ $status = "$expected" ] && return
	echo "# memtriage $*: exit status $status, not $expected"
	sed 's/^/# /' "$TMP/out" "$TMP/err"
	return 1
}

# said FILE PATTERN: an extended regular expression is in its words.
said() {
	grep -qE -- "$2" "$TMP/$1" && return
	echo "# not in its words: $2"
	sed 's/^/# /' "$TMP/$1"
	return 1
}

test_case() {
	if "$1"; then ktap_test_pass "$1"; else ktap_test_fail "$1"; fi
}

help_fits_a_screen() {
	run 0 --help && [ "$(wc -l <"$TMP/out")" -le 24 ] && ! grep -qE '^.{101}' "$TMP/out"
}

nonsense_is_refused() {
	run 3 no-such-command && said err 'no command no-such-command' &&
		run 3 --from /no/such/file && said err '/no/such/file' &&
		run 3 --color sometimes && run 3 who && run 3 diff one && run 3 record && run 3 watch 0 &&
		run 3 top && said err terminal && run 3 --no-such-option &&
		echo rubbish >"$TMP/rubbish" && run 3 --from "$TMP/rubbish" && said err 'no snapshot'
}

without_the_module_it_says_so() {
	run 0 && said err 'module is not loaded' && said out '^no verdict' && said out '^  Ghost' &&
		said out '^slab: [1-9][0-9]* records' && said out '^partial: slab'
}

# The books made from /proc close like the module's.
books_from_proc_balance() {
	run 0 record - && awk '
		/^# memtriage / { in_books = $3 == "ledger" }
		in_books && /^[A-Z]/ {
			kB = $2
			sub(/^~/, "", kB)
			if ($1 == "Total:") total = kB
			else if (kB != "-") { sum += kB; n++ }
		}
		END { exit !(n > 15 && total > 0 && total == sum) }' "$TMP/out"
}

# A socket that nobody reads from: what ss has in its queues, of which /proc/net tells the same, here
# and in a copy; and the module more, since it counts what holds the bytes.
sockets_are_what_ss_tells() {
	ip link set lo up
	sleep 30 | nc -l -p 5000 >/dev/null &
	reader=$!
	sleep 1
	(sleep 2; dd if=/dev/zero bs=64k count=64 2>/dev/null; sleep 30) | nc 127.0.0.1 5000 >/dev/null 2>&1 &
	writer=$!
	sleep 1
	kill -STOP "$reader"
	sleep 3
	queues=$(ss -tnH | awk '{ kB = int(($2 + 1023) / 1024) + int(($3 + 1023) / 1024)
		if (kB > most) most = kB } END { print most + 0 }')
	run 0 record "$TMP/proc.snapshot"
	ours=$(sockets_largest "$TMP/proc.snapshot")
	mkdir -p "$TMP/root/proc/net"
	for file in meminfo net/tcp net/tcp6 net/udp net/unix net/sockstat; do
		cat "/proc/$file" >"$TMP/root/proc/$file"
	done
	run 0 --root "$TMP/root" record "$TMP/copy.snapshot"
	copy=$(sockets_largest "$TMP/copy.snapshot")
	holder=$(awk '/^# memtriage / { in_sockets = $3 == "sockets" }
		in_sockets && /^~/ { print $NF; exit }' "$TMP/proc.snapshot")
	insmod "$KO" && run 0 record "$TMP/module.snapshot"
	theirs=$(sockets_largest "$TMP/module.snapshot")
	rmmod memtriage
	kill -KILL "$reader" "$writer"
	echo "# kB: ss $queues, /proc $ours, a copy of it $copy, the module $theirs; held by $holder"
	[ "$queues" -ge 1000 ] && [ "$ours" = "$queues" ] && [ "$copy" = "$queues" ] &&
		[ "$theirs" -ge "$queues" ] && [ "$holder" = nc ]
}

sockets_largest() {
	awk '/^# memtriage / { in_sockets = $3 == "sockets" }
		in_sockets && /^[~0-9]/ { sub(/^~/, ""); print $1; exit }' "$1"
}

users_are_told_why() {
	cp "$COMMAND" /tmp/memtriage-user && chmod 0755 /tmp/memtriage-user
	# an initramfs knows no users
	[ -e /etc/passwd ] || { mkdir -p /etc; echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd; }
	start-stop-daemon -S -c nobody -x /tmp/memtriage-user >"$TMP/out" 2>"$TMP/err"
	status=$?
	rm -f /tmp/memtriage-user
	[ $status = 0 ] || { echo "# exit status $status"; sed 's/^/# /' "$TMP/err"; }
	[ $status = 0 ] && said err 'not root' && said out '^  Free '
}

summary_is_the_modules() {
	run 0 && cp "$TMP/out" "$TMP/ours" &&
		said ours '^verdict: ok ' && said ours '^ledger: ' && said ours '^slab: ' &&
		[ ! -s "$TMP/err" ]
}

no_color_but_on_a_terminal() {
	run 0 && ! grep -q "$(printf '\033')" "$TMP/out" &&
		run 0 --color always && grep -q "$(printf '\033')" "$TMP/out"
}

a_leak_is_status_two() {
	run 2 && said out '^verdict: slab .*TSPacket|^verdict: slab .*skbuff_head_cache' &&
		run 2 --json && said out '"schema":"memtriage-1"'
}

who_has_the_figures_of_the_report() {
	active=$(awk '/^# memtriage / { in_slab = $3 == "slab" }
		in_slab && $NF ~ /(^|,)TSPacket(,|$)/ { print $3 }' "$TMP/after")
	[ "${active#"~"}" -ge $PACKETS ] && run 2 --from "$TMP/after" who TSPacket &&
		said out "^slab:" && said out "active=$active " && run 2 who TSPacket &&
		run 3 who NoSuchThing && said err 'no report names NoSuchThing'
}

# The largest of them has other objects too, fewer than half a percent, where kmemleak allocates.
diff_tells_one_leak_to_the_object() {
	most=$PACKETS
	! grep -q ^kmemleak_object /proc/slabinfo || most=$((PACKETS + PACKETS / 200))
	run 2 diff "$TMP/before" "$TMP/after" && said out '^one leak: ' &&
		grep '^one leak: ' "$TMP/out" | grep -q skbuff_head_cache &&
		grown=$(sed -n 's/^one leak: .*each grew by \([0-9]*\) objects.*/\1/p' "$TMP/out") &&
		[ "$grown" -ge $PACKETS ] && [ "$grown" -le $most ] &&
		run 0 diff "$TMP/before" "$TMP/before" && said out 'nothing has changed'
}

a_snapshot_answers_without_the_module() {
	run 2 --from "$TMP/after" && said out '^verdict: slab' && [ ! -s "$TMP/err" ] &&
		run 0 --from "$TMP/before" && said out '^verdict: ok' &&
		run 2 --from "$TMP/after" who TSPacket
}

prom_has_bounded_series() {
	run 0 --from "$TMP/after" prom && said out '^memtriage_ledger_bytes\{account="Ghost"\} -?[0-9]+$' &&
		said out '^memtriage_verdict\{kind="slab"\} 1$' && said out '^# EOF$' &&
		[ "$(grep -c '^memtriage_slab_bytes' "$TMP/out")" -le 21 ] &&
		[ "$(grep -v '^#' "$TMP/out" | sed 's/ [^ ]*$//' | sort | uniq -d | wc -l)" = 0 ]
}

html_is_one_page() {
	run 0 --from "$TMP/after" html && said out '^<!DOCTYPE html>' && said out 'id="map"' &&
		said out '<td>TSPacket|,TSPacket|<td>skbuff_head_cache' && ! grep -qE '(src|href)=' "$TMP/out"
}

# What grows between two looks is in one line: once 32 MiB, or twice, or three times, because
# nothing tells when it looks.
watch_tells_the_account() {
	"$COMMAND" watch 2 2 >"$TMP/out" 2>"$TMP/err" </dev/null &
	watch=$!
	while sleep 1 && kill -0 $watch 2>/dev/null; do
		echo "vmalloc 1 8192" >$PLANT/vmalloc
	done
	wait $watch
	result=$?
	echo free >$PLANT/vmalloc
	[ $result = 0 ] && said out 'Vmalloc +\+(3|6|9)[0-9]{4} kB'
}

ktap_print_header
if [ "$(id -u)" != 0 ]; then
	ktap_skip_all "needs root"
	exit "$KSFT_SKIP"
fi
if [ ! -x "$COMMAND" ]; then
	ktap_skip_all "no $COMMAND"
	exit "$KSFT_SKIP"
fi
ktap_set_plan 15
rmmod memtriage 2>/dev/null

test_case help_fits_a_screen
test_case nonsense_is_refused
test_case without_the_module_it_says_so
test_case books_from_proc_balance
test_case users_are_told_why
test_case sockets_are_what_ss_tells

insmod "$KO" summary_ms=20000 && insmod "$PLANT_KO" || echo "# the modules do not load"
test_case summary_is_the_modules
test_case no_color_but_on_a_terminal
test_case watch_tells_the_account
run 0 record "$TMP/before"
echo $PACKETS >$PLANT/packets
sleep 1
run 2 record "$TMP/after"
test_case a_leak_is_status_two
test_case who_has_the_figures_of_the_report
rmmod memtriage
test_case diff_tells_one_leak_to_the_object
test_case a_snapshot_answers_without_the_module
test_case prom_has_bounded_series
test_case html_is_one_page

ktap_finished
