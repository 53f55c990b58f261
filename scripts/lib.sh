# shellcheck shell=bash
# What the scripts share: finding what they need, and installing it where that is possible. Read by
# them with `source`; it says who it is by the name of the script that runs.

script=$(basename "$0" .sh)

have() { PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null; }

need_go() {
	if ! have go; then
		echo "$script: go is missing: install Go 1.26 or newer" >&2
		exit 1
	fi
}

# package_of PROGRAM is the Debian package that it comes with.
package_of() {
	case $1 in
	mariadbd | mariadb-install-db) echo mariadb-server-core ;;
	mariadb) echo mariadb-client-core ;;
	redis-cli) echo redis-tools ;;
	*) echo "$1" ;; # redis-server, chromium
	esac
}

# need_programs PROGRAM... installs what is missing from Debian packages.
need_programs() {
	local program missing="" packages=()
	for program in "$@"; do
		if ! have "$program"; then
			missing+=" $program"
			packages+=("$(package_of "$program")")
		fi
	done
	if [[ -n $missing ]]; then
		install_packages "$missing" "; MariaDB 10.6 or newer" "${packages[@]}"
	fi
}

# need_tryton installs Tryton's server with what it has to know of stock. Debian's Python runs it.
# It ends with 1 where what Debian has is another version than ours is for.
need_tryton() {
	if ! have trytond || ! /usr/bin/python3 -c 'import trytond.modules.stock_lot' 2>/dev/null; then
		install_packages " trytond" "; Tryton 6.0" \
			tryton-server tryton-modules-stock tryton-modules-stock-lot
	fi
	[[ $(trytond --version) == *" 6.0."* ]]
}

# install_packages MISSING REMARK PACKAGE... installs packages, or says why that cannot be done here.
install_packages() {
	local missing=$1 remark=$2 log
	shift 2
	if [[ $(id -u) != 0 ]] || ! have apt-get; then
		echo "$script: missing:$missing; they cannot be installed here (that takes root on Debian" \
			"or Ubuntu): install $*$remark" >&2
		exit 1
	fi
	echo "$script: installing from Debian packages: $*"
	log=$(mktemp)
	# Nothing that is installed may start a server: each script starts its own.
	if ! { apt-get update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends "$@"; } \
		>"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		echo "$script: missing:$missing; apt-get could not install them" >&2
		exit 1
	fi
	rm -f "$log"
}

# need_promtool finds promtool, or takes it out of Debian's prometheus package, whose other files,
# packages and service are not needed. The variable promtool says where it is.
need_promtool() {
	promtool=$(command -v promtool || true)
	if [[ -z $promtool && -x bin/promtool ]]; then
		promtool=$PWD/bin/promtool
	fi
	if [[ -n $promtool ]]; then
		return
	fi
	if ! have apt-get || ! have dpkg-deb; then
		echo "$script: promtool is missing, and cannot be installed here (that takes Debian or" \
			"Ubuntu): put Prometheus's promtool on the PATH" >&2
		exit 1
	fi
	echo "$script: taking promtool out of Debian's prometheus package"
	local log directory
	log=$(mktemp)
	directory=$(mktemp -d)
	if ! (
		cd "$directory"
		apt-get download prometheus || { apt-get update && apt-get download prometheus; }
		dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
	) >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -rf "$log" "$directory"
		echo "$script: promtool is missing; it could not be had from Debian's packages" >&2
		exit 1
	fi
	mkdir -p bin
	mv "$directory/usr/bin/promtool" bin/promtool
	rm -rf "$log" "$directory"
	promtool=$PWD/bin/promtool
}
