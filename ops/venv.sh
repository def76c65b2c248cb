#!/bin/sh
# Makes .venv with the locked packages and sledi itself. PYTHON names the interpreter; else the newest that fits.
set -eu

fail() {
    echo "sledi: $1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

version() {
    "$1" -c 'import sys; print(sys.version_info[:3])'
}

makes_environments() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

python=
lacking=
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    is_new_enough "$candidate" || continue
    if makes_environments "$candidate"; then
        python=$candidate
        break
    fi
    lacking=$candidate
done

if [ -z "$python" ] && [ -n "$lacking" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "sledi: installing python3-venv"
    { apt-get update -qq && apt-get install -qq -y python3-venv; } >/dev/null 2>&1 || true
    makes_environments "$lacking" && python=$lacking
fi
if [ -z "$python" ]; then
    [ -z "$lacking" ] || fail "$lacking cannot make virtual environments: apt-get install python3-venv"
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is no Python of version 3.11 or newer"
    fail "no Python of version 3.11 or newer found: install one, or name it: make PYTHON=/path/to/python3.12"
fi

if [ -e .venv ] && [ ! -w .venv ]; then
    fail ".venv belongs to another user and is out of date: remove it, or run make as that user"
fi
if ! is_new_enough .venv/bin/python || { [ -n "${PYTHON:-}" ] && [ "$(version .venv/bin/python)" != "$(version "$python")" ]; }; then
    echo "sledi: making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || fail "no virtual environment could be made"
fi

echo "sledi: installing packages"
pip() {
    .venv/bin/python -m pip --disable-pip-version-check "$@"
}
pip install -q -r requirements.lock || fail "the packages could not be installed; pip says why above"
# Without build isolation: what builds the package is locked too.
pip install -q --no-deps --no-build-isolation -e . || fail "sledi itself could not be installed; pip says why above"
