#!/bin/sh
# cargo_test.sh CRATE VERSION BUILD_DIRECTORY COMMAND...: builds the programs of a crate, with what its Cargo.lock
# locks, once, and runs the command with them in PATH. Not optimised and without debug information: nobody waits for
# them.
set -eu
crate=$1 version=$2 build=$3/$1-$2
shift 3
if [ ! -d "$build/bin" ]; then
    PATH=$("$(dirname "$0")/recent_cargo.sh"):$PATH || {
        echo "FAILED: no recent cargo is here (Debian package cargo-web)"
        exit 1
    }
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR="$build/target" cargo install "$crate" --version "=$version" --locked \
        --no-default-features --debug --quiet --no-track --root "$build/new" || {
        echo "FAILED: cargo could not build $crate $version"
        exit 1
    }
    mv "$build/new/bin" "$build/bin"
    rm -rf "$build/target" "$build/new"
fi
PATH=$build/bin:$PATH
exec "$@"
