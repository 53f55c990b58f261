#!/usr/bin/env bash
# Runs a command with a private Tryton 6.0 beside it: its modules stock and stock_lot on a SQLite
# database in a temporary directory, with a company, on a free loopback port. The command finds its
# URL, with the user and the password in it, in TIERSTOCK_TEST_TRYTON. The server and its directory
# are gone afterwards, whatever happens.
#
#   scripts/with-tryton.sh go test ./wmsync/tryton/...
set -euo pipefail
set -m # each child is a process group of its own, so that a signal reaches all of it, once

say() { echo "with-tryton: $*" >&2; }

# Debian's Python, for which its packages are; another may come first on the PATH.
python=/usr/bin/python3
if ! command -v trytond trytond-admin >/dev/null ||
	! "$python" -c 'import trytond.modules.stock_lot' 2>/dev/null; then
	say "Tryton is missing: install Debian's tryton-server tryton-modules-stock" \
		"tryton-modules-stock-lot"
	exit 1
fi
if [[ $(trytond --version) != *" 6.0."* ]]; then
	say "this is $(trytond --version), and not 6.0"
	exit 1
fi

directory=$(mktemp -d "${TMPDIR:-/tmp}/tierstock-tryton.XXXXXX")
server=""
command=""
stop() {
	trap - EXIT INT TERM HUP
	if [[ -n $command ]]; then
		kill -- "-$command" 2>/dev/null || true
		wait "$command" 2>/dev/null || true
	fi
	if [[ -n $server ]]; then
		kill -- "-$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$directory"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
echo "$password" >"$directory/password"

# configure PORT writes the server's configuration.
configure() {
	cat >"$directory/trytond.conf" <<-END
		[database]
		uri = sqlite://
		path = $directory
		[web]
		listen = 127.0.0.1:$1
	END
}

# prepare makes the database: the modules, and what a company of one's own takes.
prepare() {
	: >"$directory/wms.sqlite"
	TRYTONPASSFILE=$directory/password trytond-admin -c "$directory/trytond.conf" -d wms --all \
		--email admin@example.org </dev/null
	trytond-admin -c "$directory/trytond.conf" -d wms -u stock_lot --activate-dependencies </dev/null
	"$python" - "$directory/trytond.conf" <<-'END'
		import sys
		from trytond.config import config
		config.update_etc(sys.argv[1])
		from trytond.pool import Pool
		from trytond.transaction import Transaction
		Pool.start()
		pool = Pool('wms')
		with Transaction().start('wms', 0):
		    pool.init()
		with Transaction().start('wms', 1) as transaction:
		    models = (pool.get(name) for name in (
		        'currency.currency', 'party.party', 'company.company', 'res.user'))
		    Currency, Party, Company, User = models
		    currency, = Currency.create([{'name': 'Euro', 'code': 'EUR', 'symbol': 'E'}])
		    party, = Party.create([{'name': 'Company'}])
		    company, = Company.create([{'party': party.id, 'currency': currency.id}])
		    User.write([User(1)], {
		        'companies': [('add', [company.id])], 'company': company.id})
		    transaction.commit()
	END
}

# ready PORT ends with 0 when our own server answers there, which alone knows the password, and with
# 1 when it has ended: a port that is taken only makes it exit.
ready() {
	for _ in $(seq 1 150); do
		kill -0 "$server" 2>/dev/null || return 1
		if "$python" - "$1" "$password" 2>/dev/null <<-'END'; then
			import json, sys, urllib.request
			body = {'id': 1, 'method': 'common.db.login',
			    'params': ['admin', {'password': sys.argv[2]}]}
			request = urllib.request.Request('http://127.0.0.1:%s/wms/' % sys.argv[1],
			    json.dumps(body).encode(), {'Content-Type': 'application/json'})
			without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
			with without_proxy.open(request, timeout=10) as answer:
			    sys.exit(0 if json.load(answer)['result'] else 1)
		END
			return 0
		fi
		sleep 0.2
	done
	return 1
}

configure 1
if ! prepare >"$directory/prepare.log" 2>&1; then
	say "the database cannot be made:"
	tail -n 20 "$directory/prepare.log" >&2
	exit 1
fi
for attempt in 1 2 3 4 5 6 7 8 9 10; do
	port=$((20000 + RANDOM % 12000))
	configure "$port"
	trytond -c "$directory/trytond.conf" >"$directory/server.log" 2>&1 </dev/null &
	server=$!
	if ready "$port"; then
		break
	fi
	kill -- "-$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=""
	if [[ $attempt == 10 ]]; then
		say "the server does not start:"
		tail -n 20 "$directory/server.log" >&2
		exit 1
	fi
done

export TIERSTOCK_TEST_TRYTON="http://admin:$password@127.0.0.1:$port/wms"
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
