#!/bin/sh
# celery_test.sh DIRECTORY BUILD_DIRECTORY: installs the packages of DIRECTORY/requirements.txt into an environment of
# their own in the build directory, once, and runs DIRECTORY/test.py there.
set -eu
if ! cmp -s "$1/requirements.txt" "$2/installed.txt"; then
    rm -rf "$2"
    mkdir -p "$2"
    /usr/bin/python3 -m venv "$2" && "$2/bin/pip" install --quiet --disable-pip-version-check \
        -r "$1/requirements.txt" || {
        echo "FAILED: pip could not install $(tr '\n' ' ' < "$1/requirements.txt")"
        exit 1
    }
    cp "$1/requirements.txt" "$2/installed.txt"
fi
cd "$1" && PYTHONPATH="$1/.." exec "$2/bin/python" -B test.py
