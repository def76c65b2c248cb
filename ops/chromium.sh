#!/bin/sh
# The browser tests need Chromium and fonts. Installs them where that is possible without asking anybody.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "sledi: installing Chromium for the browser tests"
    apt-get update -qq >/dev/null 2>&1
    if apt-get install -qq -y --no-install-recommends chromium fonts-noto-core >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "sledi: no Chromium, the browser tests will fail: apt-get install chromium fonts-noto-core" >&2
