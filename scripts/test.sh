#!/usr/bin/env bash
# Runs all tests under the race detector, with a private MariaDB beside them, then those of Tryton
# beside a private one, the console's in a real Chromium and the examples'. Arguments go to go test,
# and leave these out; one that names packages (./store/...) replaces "all".
#
#   scripts/test.sh -run Lease ./store/
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=scripts/lib.sh
source scripts/lib.sh
need_go
need_programs redis-server mariadbd mariadb-install-db mariadb
if [[ $# == 0 ]]; then
	need_promtool
	"$promtool" test rules deploy/prometheus/alerts_test.yml
fi

# The longest come first, so that none is left to run alone at the end.
packages=(./stocktest/ ./wmsync/ ./cmd/tierstock/ ./bench/ ./...)
tryton=()
for argument in "$@"; do
	if [[ $argument == ./* || $argument == . ]]; then
		packages=()
	fi
	if [[ $argument == ./wmsync* ]]; then
		tryton=(scripts/with-tryton.sh)
	fi
done
if [[ $# == 0 ]]; then
	tryton=(scripts/with-tryton.sh)
fi
# Tryton, like the browser below, is a large package that nothing else here rests on: where it cannot
# be had, that is said and the rest is tested all the same.
if [[ ${#tryton[@]} -gt 0 ]] && ! (need_tryton); then
	echo "test: SKIPPED: Tryton was not driven, for want of Tryton 6.0" >&2
	tryton=()
fi
# The race detector watches all but SQLite's machine-translated C, where it finds nothing of ours
# and takes eight times as long.
tests=(go test -race -gcflags='modernc.org/...=-race=false' -timeout 20m "$@" "${packages[@]}")
if [[ $# -gt 0 ]]; then
	exec scripts/with-mariadb.sh "${tryton[@]}" "${tests[@]}"
fi
scripts/with-mariadb.sh "${tests[@]}"
# Above these were skipped, so that the others need not wait for a Tryton. It waits for itself most of
# the time, and so runs beside what follows; what it said is shown at the end.
log=$(mktemp)
if [[ ${#tryton[@]} -gt 0 ]]; then
	"${tryton[@]}" go test -race -timeout 10m ./wmsync/tryton/... >"$log" 2>&1 &
else
	true &
fi
beside=$!
stop() {
	kill "$beside" 2>/dev/null || true
	wait "$beside" 2>/dev/null || true
	rm -f "$log"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# What is fuzzed is fuzzed for a moment, so that the targets go on working; a longer search is
# go test ./graphql -run '^$' -fuzz FuzzGuard
while IFS=: read -r file target; do
	go test "./$(dirname "$file")" -run '^$' -fuzz "^${target#func }\$" -fuzztime 2s </dev/null
done < <(grep -roE '^func Fuzz[A-Za-z]+' --include='*_test.go' .)
# The example of a cache beside the engine, with a server that has a log to listen to.
(cd examples/cdc && TIERSTOCK_MARIADB_OPTIONS="--log-bin --binlog-format=ROW --server-id=1" \
	../../scripts/with-mariadb.sh go test -race -count=1 -timeout 5m ./...)
# Benchmarks run once, so that they go on working; their figures mean nothing here.
scripts/with-mariadb.sh go test -run '^$' -bench . -benchtime 1x ./...
status=0
wait "$beside" || status=$?
cat "$log"
if [[ $status != 0 ]]; then
	exit "$status"
fi
# The console, in a browser; TIERSTOCK_SCREENSHOTS names a folder for pictures of what it saw. A browser
# is a large package, and the only thing here that nothing else rests on: where it cannot be had, that
# is said and the rest is tested all the same.
if have google-chrome || (need_programs chromium); then
	(cd console/e2e && go test -count=1 -timeout 5m ./...)
else
	echo "test: SKIPPED: the console was not driven, for want of chromium" >&2
fi
