# SPDX-License-Identifier: BSD-3-Clause
# What the scripts share: messages, packages, the build. Sourced by bash scripts of this folder.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
	printf '%s\n' "$*"
}

# A step's heading.
step() {
	printf '\n== %s\n' "$*"
}

warn() {
	printf 'warning: %s\n' "$*" >&2
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

need_root() {
	((EUID == 0)) || die "needs root: run it as sudo $0"
}

# quietly NAME COMMAND…: the command's output is shown only when it fails. It runs as a child that
# is waited for, so that a signal to the script is handled at once.
quietly() {
	local name=$1 log status=0
	shift
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null &
	wait $! || status=$?
	if ((status != 0)); then
		cat "$log"
		warn "$name failed with exit code $status"
	fi
	rm -f "$log"
	return "$status"
}

# package_installed NAME: whether it is, or another package that provides it, as some builds of nodejs do npm.
package_installed() {
	[[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == "install ok installed" ]] ||
		dpkg-query -W -f '${db:Status-Abbrev}, ${Provides}\n' | grep '^ii' | tr -d ' ' | tr ',' '\n' |
		sed 's/(.*//' | grep -xF -- "$1" >/dev/null
}

# apt_get ARGUMENT…: waits for another one that holds any of the locks, of which apt-get by itself waits for
# dpkg's alone, and takes up what a killed one has left.
apt_get() {
	local deadline=$((SECONDS + 120)) output
	until output=$(LC_ALL=C apt-get -o DPkg::Lock::Timeout=120 "$@" 2>&1); do
		printf '%s\n' "$output"
		((SECONDS < deadline)) || return
		case $output in
		*'Could not get lock'*) sleep 1 ;;
		*'dpkg was interrupted'*) dpkg --configure -a || sleep 1 ;;
		*) return 1 ;;
		esac
	done
}

# packages_install STAGE…: install what scripts/packages lists for these stages and is missing.
packages_install() {
	local missing=() stage name _
	while read -r stage name _; do
		[[ " $* " == *" $stage "* ]] || continue
		package_installed "$name" || missing+=("$name")
	done <"$root/scripts/packages"
	((${#missing[@]} > 0)) || return 0
	command -v apt-get >/dev/null ||
		die "there is no apt-get here; install these first (Debian's names): ${missing[*]}"
	((EUID == 0)) || die "these packages are missing, and only root can install them: ${missing[*]}"
	step "Installing packages: ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	quietly 'apt-get update' apt_get update ||
		warn 'going on with the package lists that are here'
	quietly 'apt-get install' apt_get install -y --fix-broken --no-install-recommends "${missing[@]}" ||
		die 'packages could not be installed'
}

# build_in DIRECTORY [MESON OPTION…]: set the directory up when it is new, and build.
build_in() {
	local directory=$root/$1
	shift
	if [[ ! -f $directory/build.ninja ]]; then
		# What a setup that was killed has left would be taken for a finished one.
		rm -rf "$directory/meson-private"
		quietly 'meson setup' meson setup "$@" "$directory" "$root" || return
	fi
	# The compilers of a build that was killed may still run: two at a time would spoil each other's files.
	quietly 'meson compile' flock --no-fork "$directory" meson compile -C "$directory"
}
