#!/bin/sh
# Installs the judges that PyPI cannot give, for `make interop`: ical.js (Node), sabre/vobject (PHP),
# libical (C) and a Radicale server. What cannot be installed here is left out, and its tests say so.
set -eu
cd "$(dirname "$0")/../../.."
cache=.cache/interop
mkdir -p "$cache"

if command -v npm >/dev/null; then
    [ -d "$cache/node_modules/ical.js" ] ||
        npm install --prefix "$cache" --no-audit --no-fund --silent ical.js@2.2.1
else
    echo "interop: no npm, so no ical.js" >&2
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    if ! php -r 'require "Sabre/VObject/autoload.php";' 2>/dev/null ||
        ! ldconfig -p | grep -q 'libical\.so\.3'; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -qq --no-install-recommends \
            php-cli php-sabre-vobject libical3 >/dev/null
    fi
else
    echo "interop: not root, so php-cli, php-sabre-vobject and libical3 are left as they are" >&2
fi

if [ ! -x "$cache/venv/bin/radicale" ]; then
    python3 -m venv "$cache/venv"
    "$cache/venv/bin/pip" install -q --disable-pip-version-check radicale==3.9.0
fi
