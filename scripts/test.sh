#!/usr/bin/env bash
# Runs all tests under the race detector, with a private MariaDB beside them. Arguments go to
# go test; one that names packages (./store/...) replaces "all".
#
#   scripts/test.sh -run Lease ./store/
set -euo pipefail
cd "$(dirname "$0")/.."

have() { PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null; }

if ! have go; then
	echo "test: go is missing: install Go 1.26 or newer" >&2
	exit 1
fi
if ! have mariadbd || ! have mariadb-install-db || ! have mariadb; then
	if [[ $(id -u) != 0 ]] || ! have apt-get; then
		echo "test: MariaDB is missing and cannot be installed here (that takes root on Debian or" \
			"Ubuntu): install mariadb-server-core and mariadb-client-core, 10.6 or newer" >&2
		exit 1
	fi
	echo "test: installing MariaDB from Debian packages"
	log=$(mktemp)
	if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends mariadb-server-core mariadb-client-core; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		echo "test: MariaDB is missing, and apt-get could not install mariadb-server-core" >&2
		exit 1
	fi
	rm -f "$log"
fi

packages=(./...)
for argument in "$@"; do
	if [[ $argument == ./* || $argument == . ]]; then
		packages=()
	fi
done
# The race detector watches all but SQLite's machine-translated C, where it finds nothing of ours
# and takes eight times as long.
exec scripts/with-mariadb.sh go test -race -gcflags='modernc.org/...=-race=false' -timeout 20m \
	"$@" "${packages[@]}"
