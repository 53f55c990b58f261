#!/usr/bin/env bash
# Everything that judges the code without running it. The versions of the tools are pinned in
# tools/go.mod, so that go.mod has only what the program needs.
set -euo pipefail
cd "$(dirname "$0")/.."

tool() { go tool -modfile=tools/go.mod "$@"; }

echo "check: gofmt"
unformatted=$(gofmt -l .)
if [[ -n $unformatted ]]; then
	echo "check: not formatted (gofmt -w):" >&2
	echo "$unformatted" >&2
	exit 1
fi

echo "check: go.mod is tidy"
go mod tidy -diff
for module in console/e2e examples/cdc; do
	(cd "$module" && go mod tidy -diff)
done

echo "check: go vet"
go vet ./...
for module in console/e2e examples/cdc; do
	(cd "$module" && go vet ./...)
done

echo "check: golangci-lint"
tool golangci-lint run ./...

echo "check: govulncheck"
report=$(mktemp)
trap 'rm -f "$report"' EXIT
if ! tool govulncheck ./... >"$report" 2>&1; then
	# Without the database nothing was judged; that is no fault of the code.
	if grep -q 'fetching vulnerabilities' "$report"; then
		echo "check: WARNING: vuln.go.dev cannot be reached from here:" \
			"known vulnerabilities were NOT checked"
	else
		cat "$report" >&2
		exit 1
	fi
fi
echo "check: ok"
