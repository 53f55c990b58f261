#!/usr/bin/env bash
# Measures the engine beside its rivals on a private MariaDB and a private Redis, and writes what
# came of it to docs/benchmarks. Arguments go to `tierstock bench`.
#
#   scripts/bench.sh --workload hot1,uniform10k --seconds 1
set -euo pipefail
set -m # each child is a process group of its own, so that Ctrl-C reaches the bench and then us
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
need_go
need_programs redis-server redis-cli mariadbd mariadb-install-db mariadb

directory=$(mktemp -d "${TMPDIR:-/tmp}/tierstock-bench.XXXXXX")
redis=""
command=""
stop() {
	trap - EXIT INT TERM HUP
	for child in "$command" "$redis"; do
		if [[ -n $child ]]; then
			kill -- "-$child" 2>/dev/null || true
			wait "$child" 2>/dev/null || true
		fi
	done
	rm -rf "$directory"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

go build -trimpath -o "$directory/tierstock" ./cmd/tierstock

# Ends with 0 when our own server answers on the port: on one that is taken it would only exit.
ready() {
	for _ in $(seq 1 100); do
		kill -0 "$redis" 2>/dev/null || return 1
		if redis-cli -p "$1" config get dir 2>/dev/null | grep -qF "$directory"; then
			return 0
		fi
		sleep 0.1
	done
	return 1
}

for attempt in 1 2 3 4 5 6 7 8 9 10; do
	port=$((20000 + RANDOM % 12000))
	redis-server --bind 127.0.0.1 --port "$port" --dir "$directory" --save "" \
		>"$directory/redis.log" 2>&1 &
	redis=$!
	if ready "$port"; then
		break
	fi
	kill "$redis" 2>/dev/null || true
	wait "$redis" 2>/dev/null || true
	redis=""
	if [[ $attempt == 10 ]]; then
		echo "bench: Redis does not start:" >&2
		tail -n 20 "$directory/redis.log" >&2
		exit 1
	fi
done

# A buffer pool and a log as a small server would have them: the growing ledger is to be measured,
# not a pool of 256 MB. What makes a commit durable stays as it is.
export TIERSTOCK_MARIADB_OPTIONS="--innodb-buffer-pool-size=1G --innodb-log-file-size=1G"
mkdir -p docs/benchmarks
export TIERSTOCK_BENCH_PROGRAM="$directory/tierstock"
export TIERSTOCK_BENCH_REDIS="redis://127.0.0.1:$port"
# One second and a half a cell keeps all of it under a quarter of an hour on two cores.
# shellcheck disable=SC2016 # the variables are the inner shell's
scripts/with-mariadb.sh bash -c 'exec "$TIERSTOCK_BENCH_PROGRAM" bench \
	--db "${TIERSTOCK_TEST_MYSQL}bench" --redis "$TIERSTOCK_BENCH_REDIS" --seconds 1.5 \
	--json docs/benchmarks/report.json --html docs/benchmarks/report.html \
	--svg docs/benchmarks/curves.svg "$@"' bench "$@" &
command=$!
status=0
wait "$command" || status=$?
command=""
exit "$status"
