#!/bin/sh
# Installs, from Debian's packages, what the tests need and this machine lacks:
# a C compiler for the race detector, PostgreSQL's programs (unless
# DATABASE_URL names a server) and Chromium; with the argument npm, what the
# sandbox's clients need instead. Says so in a line each. What cannot be
# installed is an error, never a skipped test.
set -eu

fail() {
	echo "tests: $1" >&2
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

have_postgres() {
	[ -n "${DATABASE_URL:-}" ] || have initdb || [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ]
}

have_chromium() { have chromium || have chromium-browser || have google-chrome; }

missing=
need() {
	echo "tests: $1 is missing, installing Debian's $2"
	missing="$missing $2"
}
case ${1:-tests} in
npm)
	have npm || need "npm" "npm"
	;;
*)
	have "${CC:-gcc}" || need "a C compiler" "gcc libc6-dev"
	have_postgres || need "PostgreSQL" "postgresql"
	have_chromium || need "Chromium" "chromium"
	;;
esac
[ -n "$missing" ] || exit 0

have apt-get || fail "this is no Debian; install by other means:$missing"
sudo=
if [ "$(id -u)" -ne 0 ]; then
	have sudo || fail "neither root nor sudo; have somebody run: apt-get install$missing"
	sudo=sudo
fi

apt() {
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null ||
		fail "apt-get $1 failed; needed:$missing"
}
apt update
# shellcheck disable=SC2086 # one argument for each package
apt install --no-install-recommends $missing
