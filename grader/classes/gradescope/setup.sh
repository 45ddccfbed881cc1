#!/usr/bin/env bash
# Run once, when Gradescope builds the image: the kit in an environment of its own. It needs Python 3.11 or newer.
set -eu
root=${AUTOGRADER:-/autograder}
fits='import ensurepip, sys; sys.exit(sys.version_info < (3, 11))'
newest() {
    for python in python3.14 python3.13 python3.12 python3.11 python3; do
        if "$python" -c "$fits" 2>/dev/null; then return 0; fi
    done
    return 1
}
if ! newest; then
    apt-get update -qq || true
    apt-get install -y -qq python3 python3-venv || true
    for version in 3.12 3.11; do
        if newest; then break; fi
        apt-get install -y -qq "python$version" "python$version-venv" || true
    done
fi
if ! newest; then
    echo "The kit needs Python 3.11 or newer with venv, and this image has none: choose Ubuntu 22.04 or newer" >&2
    echo "as the base image (Configure Autograder), and build again." >&2
    exit 1
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --quiet --disable-pip-version-check "$root/source/kit"
