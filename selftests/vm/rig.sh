# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every script of the rig shares: where things are, the table of kernels,
# packages of the machine, private apt state. Sourced, never run.

RIG=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$RIG/../.." && pwd)
CACHE=${MEMTRIAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/memtriage}
BUILD=${MEMTRIAGE_BUILD:-$ROOT/build}
# shellcheck disable=SC2034 # used by those who source this
JOBS=$(nproc)
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$CACHE" "$BUILD"

say() { printf '== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# hold NAME: one process at a time past this point, for as long as it lives.
hold() {
	exec {HELD}>"$1.lock"
	flock -n "$HELD" || { say "waiting for ${1##*/} (another process is at it)"; flock "$HELD"; }
}

# row SERIES FIELD: a field of the table; an unknown series fails.
row() {
	awk -v s="$1" -v f="$2" '
		!/^#/ && $1 == s { print $f; found = 1 }
		END { exit !found }' "$RIG/kernels"
}

# Those that are run if nobody asks for others.
all_series() { awk '!/^#/ && $6 == "always" { print $1 }' "$RIG/kernels"; }

# series NAME: the table's name for NAME: itself, or N.x when that is what N.M means.
series() {
	if row "$1" 1 >/dev/null; then
		echo "$1"
	elif [[ $1 =~ ^([0-9]+)\.[0-9]+$ ]] && row "${BASH_REMATCH[1]}.x" 1 >/dev/null; then
		local x=${BASH_REMATCH[1]}.x have
		"$RIG/fetch" "$x" || return 1
		have=$(release "$x")
		[[ $have == "$1".* ]] || die "the newest $x is $have: there is no $1 (selftests/vm/kernels)"
		echo "$x"
	else
		die "no kernel '$1': there are $(awk '!/^#/ && NF { print $1 }' "$RIG/kernels" | paste -sd ' ') (selftests/vm/kernels)"
	fi
}

# Of a fetched series: its unpacked root, its release (uname -r), its header tree, its image.
kernel_root() { readlink -f "$CACHE/kernels/$1"; }
release() { cat "$CACHE/kernels/$1/release"; }
kernel_headers() {
	if [ "$1" = debug ]; then echo "$(kernel_root debug)/build"
	else echo "$(kernel_root "$1")/usr/src/linux-headers-$(release "$1")"; fi
}
kernel_image() { echo "$(kernel_root "$1")/vmlinuz"; }

# packages PACKAGE...: install what is missing on this machine.
packages() {
	local missing=() p
	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || die "missing packages, and not root: apt-get install ${missing[*]}"
	say "installing ${missing[*]}"
	hold "$CACHE/machine"
	apt-get -qq update >&2
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		-o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
		install "${missing[@]}" </dev/null >"$CACHE/packages.log" 2>&1 ||
		{ tail -20 "$CACHE/packages.log" >&2; die "apt-get install failed"; }
	exec {HELD}>&-
}

# mirror SUITE: where the machine's own apt gets Debian from, so that a local
# mirror is used for the other suites as well.
mirror() {
	local want=main uri default=http://deb.debian.org/debian
	case $1 in *-security) want=security default=http://deb.debian.org/debian-security ;; esac
	# shellcheck disable=SC2016 # apt expands these
	uri=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		awk -v want=$want -v code="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" '
			$3 == "main" && $2 == code (want == "security" ? "-security" : "") { print $1; exit }')
	echo "${uri:-$default}"
}

# apt_state NAME SUITE...: a private apt with lists of its own for these suites,
# beside the machine's. It keeps the machine's apt.conf.d, where proxies are set.
# Sets APT_OPTIONS for apt-get and apt-cache.
apt_state() {
	local dir=$CACHE/apt/$1 suite; shift
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/empty"
	: >"$dir/status"
	for suite; do
		echo "deb [signed-by=$KEYRING arch=amd64] $(mirror "$suite") $suite main"
	done >"$dir/sources.list"
	APT_OPTIONS=(
		-oDir::Etc::SourceList="$dir/sources.list" -oDir::Etc::SourceParts="$dir/empty"
		-oDir::Etc::Preferences=/dev/null -oDir::Etc::PreferencesParts="$dir/empty"
		-oDir::State="$dir" -oDir::State::Lists="$dir/lists" -oDir::State::Status="$dir/status"
		-oDir::Cache="$dir/cache"
		# a machine for containers may have blanked these two, which makes every call slow
		-oDir::Cache::pkgcache=pkgcache.bin -oDir::Cache::srcpkgcache=srcpkgcache.bin
		-oAPT::Architecture=amd64 -oAPT::Architectures=amd64
		-oAPT::Sandbox::User=root -oAcquire::Languages=none -oAcquire::Retries=3
		# what other tools hang on an update is not wanted for private lists
		-oAPT::Update::Post-Invoke-Success= -oAPT::Update::Post-Invoke=
	)
	say "reading the package lists of $*"
	apt-get "${APT_OPTIONS[@]}" -qq update >&2
}
