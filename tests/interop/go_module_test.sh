#!/bin/sh
# go_module_test.sh DIRECTORY BUILD_DIRECTORY: builds the Go program in DIRECTORY, with the modules that its go.sum
# locks, and runs it. The modules come from Go's proxy on the first run.
set -eu
name=$(basename "$1")
command -v go >/dev/null || { echo "FAILED: go is missing (Debian package golang-go)"; exit 1; }
export GO111MODULE=on GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0 GOCACHE="$2/cache" GOMODCACHE="$2/modules"
GOFLAGS="$GOFLAGS -modcacherw"
mkdir -p "$2"
(cd "$1" && go build -o "$2/$name") || { echo "FAILED: $name does not build"; exit 1; }
exec "$2/$name"
