#!/bin/sh
# recent_cargo.sh: the directory of a cargo, in PATH or Debian's cargo-web, that is recent enough for rabbitmqadmin v2;
# exit code 1 if there is none.
wanted=1.94
for cargo in cargo /usr/bin/cargo; do
    found=$("$cargo" --version 2>/dev/null | cut -d' ' -f2)
    if [ -n "$found" ] && printf '%s\n' "$wanted" "$found" | sort -C -V; then
        exec dirname "$(command -v "$cargo")"
    fi
done
exit 1
