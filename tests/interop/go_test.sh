#!/bin/sh
# go_test.sh DIRECTORY BUILD_DIRECTORY: builds the Go program in DIRECTORY with Debian's library packages and runs it.
# No module is looked up and nothing is fetched: GOPATH mode, proxy off.
set -eu
name=$(basename "$1")
command -v go >/dev/null || { echo "FAILED: go is missing (Debian package golang-go)"; exit 1; }
import=$(sed -n 's/^\t[a-z0-9]* *"\(github\.com[^"]*\)"$/\1/p' "$1/main.go")
if [ ! -d "/usr/share/gocode/src/$import" ]; then
    package=golang-github-$(echo "$import" | cut -d/ -f2,3 | tr / -)-dev
    echo "FAILED: the Go client $import is missing (Debian package $package)"
    exit 1
fi
mkdir -p "$2"
export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 GOCACHE="$2/cache"
(cd "$1" && go build -o "$2/$name") || { echo "FAILED: $name does not build"; exit 1; }
exec "$2/$name"
