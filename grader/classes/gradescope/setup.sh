#!/usr/bin/env bash
# Run once, when Gradescope builds the image: the kit in an environment of its own.
set -eu
root=${AUTOGRADER:-/autograder}
fits='import ensurepip, sys; sys.exit(sys.version_info < (3, 11))'
for python in python3.13 python3.12 python3.11 python3; do
    if "$python" -c "$fits" 2>/dev/null; then break; fi
done
if ! "$python" -c "$fits" 2>/dev/null; then
    apt-get update -qq
    apt-get install -y -qq python3 python3-venv python3-pip
    python=python3
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --quiet --disable-pip-version-check "$root/source/kit"
