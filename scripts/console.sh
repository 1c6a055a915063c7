#!/usr/bin/env bash
# Builds the console in web/ into web/dist, from where the next build of the binary takes it. Node comes from Debian's packages where it is missing.
# `scripts/console.sh check` looks at its types, its style and what it computes besides.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WEB=$ROOT/web
STAMP=$WEB/node_modules/.installed

say() { echo "console: $*" >&2; }

command -v node >/dev/null || "$ROOT/scripts/install.sh" nodejs
command -v npm >/dev/null || "$ROOT/scripts/install.sh" npm
wanted=$(sha256sum "$WEB/package-lock.json" | cut -d' ' -f1)
if [ ! -e "$STAMP" ] || [ "$(cat "$STAMP")" != "$wanted" ]; then
    say "installing npm packages into web/node_modules"
    (cd "$WEB" && npm ci --no-audit --no-fund --loglevel=error >&2)
    echo "$wanted" >"$STAMP"
fi

cd "$WEB"
npm run --silent generate >/dev/null
if [ "${1:-}" = check ]; then
    say "checking"
    npm run --silent types
    npm run --silent lint
    npm run --silent test
fi
say "building"
npm run --silent build
