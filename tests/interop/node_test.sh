#!/bin/sh
# node_test.sh DIRECTORY BUILD_DIRECTORY [PROGRAM]: installs the locked packages of DIRECTORY into the build directory
# and runs its program, test.js, there.
set -eu
for program in node npm; do
    command -v $program >/dev/null || { echo "FAILED: $program is missing (Debian packages nodejs and npm)"; exit 1; }
done
mkdir -p "$2"
if ! cmp -s "$1/package-lock.json" "$2/package-lock.json" || [ ! -d "$2/node_modules" ]; then
    cp "$1/package.json" "$1/package-lock.json" "$2"
    (cd "$2" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || {
        rm -f "$2/package-lock.json" # so that the next run tries again
        echo "FAILED: npm ci could not install the packages of $1"
        exit 1
    }
fi
cp "$1"/*.js "$2"
exec node "$2/${3:-test.js}"
