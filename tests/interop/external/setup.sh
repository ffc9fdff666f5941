#!/bin/sh
# Installs the judges that PyPI's tests cannot have, for `make interop`: ical.js and postal-mime
# (Node), sabre/vobject (PHP), libical (C), spamassassin (Perl), khal and a Radicale server in an
# environment of their own. What cannot be installed here is left out, said here and again by each test that is skipped.
set -u
cd "$(dirname "$0")/../../.."
cache=.cache/interop
mkdir -p "$cache"
left_out() { echo "interop: left out: $1" >&2; }

if command -v npm >/dev/null; then
    for package in ical.js@2.2.1 postal-mime@4.0.0; do
        [ -d "$cache/node_modules/${package%@*}" ] ||
            npm install --prefix "$cache" --no-audit --no-fund --silent "$package" ||
            left_out "$package (npm could not fetch it)"
    done
else
    left_out "ical.js and postal-mime (no npm)"
fi

if ! php -r 'require "Sabre/VObject/autoload.php";' >/dev/null 2>&1 ||
    ! ldconfig -p | grep -q 'libical\.so\.3'; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq &&
            apt-get install -qq --no-install-recommends \
                php-cli php-sabre-vobject libical3 >/dev/null ||
            left_out "php-sabre-vobject or libical3 (apt-get could not install them)"
    else
        left_out "php-cli, php-sabre-vobject or libical3 (only root can install them)"
    fi
fi

if ! command -v spamassassin >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && apt-get install -qq --no-install-recommends spamassassin >/dev/null ||
            left_out "spamassassin (apt-get could not install it)"
    else
        left_out "spamassassin (only root can install it)"
    fi
fi

[ -x "$cache/venv/bin/python" ] || python3 -m venv "$cache/venv"
for package in radicale==3.9.0 khal==0.14.1; do
    [ -x "$cache/venv/bin/${package%%=*}" ] ||
        "$cache/venv/bin/pip" install -q --disable-pip-version-check "$package" ||
        left_out "$package (pip could not install it)"
done
exit 0
