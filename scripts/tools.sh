#!/usr/bin/env bash
# Fetches what the tests use that is not written in Rust: an S3 server, an SMTP server and an OpenID provider that nobody here wrote (Python), two more OpenID
# providers from Debian's packages, and under tests/npm the GraphQL clients and another OpenID provider with the Node it needs. Everything lands under
# target/tools and tests/npm/node_modules. A second run only compares what was asked for.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=${MUSTER_TOOLS_DIR:-$ROOT/target/tools}
VENV=$TOOLS/python
REQUIREMENTS=$ROOT/scripts/requirements.txt
NPM=$ROOT/tests/npm

say() { echo "tools: $*" >&2; }

debian() {
    say "installing $* from Debian's packages"
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq >&2
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

checksum() { sha256sum "$1" | cut -d' ' -f1; }

# Up to date when the stamp left by the last whole installation names the same list.
current() { [ -e "$1" ] && [ "$(cat "$1")" = "$(checksum "$2")" ]; }

python_tools() {
    local stamp=$VENV/installed
    if current "$stamp" "$REQUIREMENTS"; then return; fi
    python3 -c 'import venv, ensurepip' 2>/dev/null || debian python3 python3-venv
    say "installing Python packages into $VENV"
    rm -rf "$VENV"
    mkdir -p "$TOOLS"
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check --no-input -r "$REQUIREMENTS" >&2
    checksum "$REQUIREMENTS" >"$stamp"
}

npm_tools() {
    [ -e "$NPM/package-lock.json" ] || return 0
    local stamp=$NPM/node_modules/.installed
    if current "$stamp" "$NPM/package-lock.json"; then return; fi
    command -v node >/dev/null || debian nodejs
    command -v npm >/dev/null || debian npm
    say "installing npm packages into $NPM/node_modules"
    (cd "$NPM" && npm ci --no-audit --no-fund --loglevel=error >&2)
    checksum "$NPM/package-lock.json" >"$stamp"
}

# Two OpenID providers that are written in C and in Perl. They are unpacked and not installed: no service is started, and nothing of the machine is changed.
debian_providers() {
    local packages="glewlwyd dbconfig-no-thanks liblemonldap-ng-portal-perl starman libstring-random-perl libio-string-perl"
    local folder=$TOOLS/debian
    if [ -e "$folder/installed" ] && [ "$(cat "$folder/installed")" = "$packages" ]; then return; fi
    say "unpacking Debian's $packages into $folder"
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    rm -rf "$folder"
    mkdir -p "$folder/archives/partial" "$folder/root"
    "${sudo[@]}" apt-get update -qq >&2
    # shellcheck disable=SC2086 # a list of words
    "${sudo[@]}" apt-get install -y -qq --no-install-recommends --download-only --reinstall \
        -o Dir::Cache::archives="$folder/archives/" $packages >&2
    for package in "$folder"/archives/*.deb; do dpkg-deb --extract "$package" "$folder/root"; done
    rm -rf "$folder/archives"
    echo "$packages" >"$folder/installed"
}

# What the commands of the README use.
readme_tools() {
    local missing=()
    for program in curl jq openssl; do command -v "$program" >/dev/null || missing+=("$program"); done
    [ "${#missing[@]}" -eq 0 ] || debian "${missing[@]}"
}

# What drives the page of examples/console.
browser() {
    [ -z "${MUSTER_TEST_CHROMIUM:-}" ] || return 0
    command -v chromium >/dev/null || { say "installing chromium from Debian's packages" && "$ROOT/scripts/install.sh" chromium; }
}

python_tools
npm_tools
debian_providers
readme_tools
browser
