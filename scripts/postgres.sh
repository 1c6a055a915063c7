#!/usr/bin/env bash
# A private, throw-away PostgreSQL for tests.
#
#   scripts/postgres.sh start [FOLDER]   starts a cluster in FOLDER (default: a new one), prints its URL on standard output
#   scripts/postgres.sh stop FOLDER      stops that cluster, and no other, and removes the folder
#
# The cluster never runs as root, listens on 127.0.0.1 and a socket in its folder only, and asks for a random password.
# It trades durability for speed: a crash may lose everything, which is what tests want.
set -euo pipefail

MARKER=muster-test-cluster

say() { echo "postgres: $*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian keeps the server's programs out of PATH, one folder per version.
find_binaries() {
    local folder
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse); do
        if [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
    done
    if command -v initdb >/dev/null; then dirname "$(readlink -f "$(command -v initdb)")"; fi
}

install_if_absent() {
    [ -z "$(find_binaries)" ] || return 0
    say "installing PostgreSQL from Debian's packages"
    as_root apt-get update -qq >&2
    # Without this the package would start a cluster of its own.
    as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
    [ -n "$(find_binaries)" ] || die "the packages brought no initdb"
}

# PostgreSQL refuses to run as root, so root hands over to the user the package made.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- env LC_ALL=C.UTF-8 "$@"
    else
        env LC_ALL=C.UTF-8 "$@"
    fi
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

random_hex() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

write_settings() {
    cat >>"$1/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = '$1'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 400
shared_buffers = 128MB
SETTINGS
}

start() {
    install_if_absent
    local folder binaries password port
    folder=${1:-$(mktemp -d "${TMPDIR:-/tmp}/muster-postgres.XXXXXX")}
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    [ -z "$(ls -A "$folder")" ] || die "$folder is not empty"
    binaries=$(find_binaries)
    password=$(random_hex)
    touch "$folder/$MARKER"
    (umask 077 && echo "$password" >"$folder/password")
    if [ "$(id -u)" -eq 0 ]; then
        id postgres >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin postgres
        chown -R postgres "$folder"
    fi
    cd "$folder"

    # md5 rather than scram: a test run opens thousands of connections, and scram is made to be slow.
    as_server "$binaries/initdb" -D "$folder/data" -U postgres --locale=C.UTF-8 -E UTF8 --no-sync \
        --auth=md5 --pwfile="$folder/password" >"$folder/initdb.log" 2>&1 ||
        { cat "$folder/initdb.log" >&2; die "initdb failed"; }
    write_settings "$folder"

    # Somebody may take the port between the look and the start: try another then.
    for _ in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 12000))
        port_is_free "$port" || continue
        if as_server "$binaries/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 30 -s \
            -o "-p $port" start >&2 3>&-; then
            say "running in $folder; stop it with: scripts/postgres.sh stop $folder"
            echo "postgres://postgres:$password@127.0.0.1:$port/postgres"
            return
        fi
    done
    cat "$folder/server.log" >&2 || true
    die "could not start in $folder"
}

stop() {
    local folder=${1:-}
    [ -n "$folder" ] || die "which one? scripts/postgres.sh stop FOLDER"
    folder=$(cd "$folder" && pwd)
    [ -e "$folder/$MARKER" ] || die "$folder was not made by this script; left alone"
    if [ -e "$folder/data/postmaster.pid" ]; then
        cd "$folder"
        as_server "$(find_binaries)/pg_ctl" -D "$folder/data" -m immediate -w -s stop >&2 || say "it had ended already"
        cd /
    fi
    rm -rf "$folder"
}

case "${1:-}" in
start) start "${2:-}" ;;
stop) stop "${2:-}" ;;
*) die "usage: scripts/postgres.sh start [FOLDER] | stop FOLDER" ;;
esac
