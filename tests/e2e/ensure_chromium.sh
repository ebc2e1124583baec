#!/bin/sh
# Makes sure that there is a Chromium: the system's, else Playwright's own, else Debian's package.
set -eu

command -v chromium >/dev/null && exit 0
echo "Installing Chromium"
timeout 120 "${PYTHON:-.venv/bin/python}" -m playwright install chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "No Chromium could be installed: install the package 'chromium', then run this again" >&2
exit 1
