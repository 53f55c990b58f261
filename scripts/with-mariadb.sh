#!/usr/bin/env bash
# Runs a command with a private MariaDB beside it: an empty server on a temporary directory and a
# free loopback port, whose URL the command finds in TIERSTOCK_TEST_MYSQL. The server and its
# directory are gone afterwards, whatever happens.
#
#   scripts/with-mariadb.sh go test ./store/
#
# TIERSTOCK_MARIADB_OPTIONS are more options for the server, as for a larger buffer pool.
set -euo pipefail
set -m # each child is a process group of its own, so that a signal reaches all of it, once

say() { echo "with-mariadb: $*" >&2; }

for program in mariadbd mariadb-install-db mariadb; do
	if ! PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null; then
		say "$program is missing: install MariaDB 10.6 or newer" \
			"(Debian: mariadb-server-core mariadb-client-core)"
		exit 1
	fi
done
PATH="$PATH:/usr/sbin"

read -r -a options <<<"${TIERSTOCK_MARIADB_OPTIONS:-}"
directory=$(mktemp -d "${TMPDIR:-/tmp}/tierstock-mariadb.XXXXXX")
server=""
command=""
stop() {
	trap - EXIT INT TERM HUP
	if [[ -n $command ]]; then
		kill -- "-$command" 2>/dev/null || true
		wait "$command" 2>/dev/null || true
	fi
	if [[ -n $server ]]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$directory"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

user=$(id -un)
if ! mariadb-install-db --no-defaults --user="$user" --datadir="$directory/data" \
	--auth-root-authentication-method=normal --skip-test-db >"$directory/install.log" 2>&1; then
	say "mariadb-install-db failed:"
	cat "$directory/install.log" >&2
	exit 1
fi

# Ends with 0 when our own server answers on the port, with 1 when it has ended: a port that is
# taken only makes it exit, and then somebody else may be answering there.
ready() {
	for _ in $(seq 1 300); do
		kill -0 "$server" 2>/dev/null || return 1
		if [[ $(mariadb --no-defaults -h 127.0.0.1 -P "$1" -u root -N -e 'SELECT @@datadir' \
			2>/dev/null) == "$directory/data/" ]]; then
			return 0
		fi
		sleep 0.1
	done
	return 1
}

for attempt in 1 2 3 4 5 6 7 8 9 10; do
	port=$((20000 + RANDOM % 12000))
	# Durable like a real one, so that figures and crashes mean something.
	mariadbd --no-defaults --user="$user" --datadir="$directory/data" \
		--socket=mariadb.sock --pid-file="$directory/pid" \
		--bind-address=127.0.0.1 --port="$port" --skip-name-resolve --skip-log-bin \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_bin \
		--innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=256M \
		--max-connections=500 "${options[@]}" >"$directory/server.log" 2>&1 &
	server=$!
	if ready "$port"; then
		break
	fi
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=""
	if [[ $attempt == 10 ]]; then
		say "the server does not start:"
		tail -n 20 "$directory/server.log" >&2
		exit 1
	fi
done

export TIERSTOCK_TEST_MYSQL="mysql://root@127.0.0.1:$port/"
status=0
if [[ -t 0 ]]; then
	"$@" || status=$? # at a terminal it has the keyboard, and gets Ctrl-C itself
else
	# In the background, because bash acts on a signal at once only while it waits.
	"$@" <&0 &
	command=$!
	wait "$command" || status=$?
	command=""
fi
exit "$status"
