#!/usr/bin/env bash
# docker/Dockerfile without Docker: builds the image, starts it, uses it, stops it. Needs root, Debian's buildah,
# debootstrap and amqp-tools. The base image is made from Debian's mirror and stays in build/image. What Docker does
# with --read-only --cap-drop ALL --security-opt no-new-privileges is done by hand, in namespaces of its own: no port
# is taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY

say() { printf 'ok     %s\n' "$1"; }
fail() { printf 'FAILED %s\n' "$1"; exit 1; }
is() { [ "$2" = "$3" ] || fail "$1: expected '$3', got '$2'"; }
images() { buildah --root "$PWD/build/image/storage" --runroot "$PWD/build/image/run" "$@"; }
says() { is "$1" "$(images inspect --type image --format "{{$2}}" leveret)" "$3"; }

if [ "${1:-}" != --inside ]; then
    mkdir -p build/image
    if ! images inspect --type image debian:12-slim >/dev/null 2>&1; then
        debootstrap --variant=minbase bookworm build/image/debian >build/image/debootstrap.log
        base=$(images from scratch)
        images add --quiet "$base" build/image/debian / >/dev/null
        images commit --quiet --rm "$base" docker.io/library/debian:12-slim >/dev/null
        rm -r build/image/debian
    fi
    cache=$(ccache --get-config cache_dir 2>/dev/null || true)
    images build --isolation chroot --network host --pull-never --layers=false --format docker \
        ${cache:+--volume "$cache:/root/.cache/ccache"} -f docker/Dockerfile -t leveret . >build/image/build.log 2>&1 ||
        { tail -20 build/image/build.log; fail "the image is built"; }
    says "user" .Docker.Config.User leveret
    says "entry point" .Docker.Config.Entrypoint "[entrypoint.sh]"
    says "command" .Docker.Config.Cmd "[leveret]"
    says "health check" .Docker.Config.Healthcheck.Test "[CMD healthcheck.sh]"
    says "volumes" .Docker.Config.Volumes "map[/var/lib/rabbitmq:{}]"
    say "build"
    container=$(images from --pull-never leveret)
    trap 'images rm "$container" >/dev/null' EXIT
    unshare --mount --net --pid --ipc --uts --fork --mount-proc "$0" --inside "$(images mount "$container")"
    exit
fi

# --- what a container has: a root that cannot be written to, hosts, /proc, /dev, the volume, a network of its own
image=$2
world=$(mktemp -d)
trap 'umount -R "$world"; rmdir "$world"' EXIT
ip link set lo up
mount -t tmpfs -o mode=0755 none "$world"
mkdir "$world/root" "$world/volume"
mount --bind "$image" "$world/root"
mount -o remount,bind,ro "$world/root"
mount --bind /etc/hosts "$world/root/etc/hosts"
mount --bind /proc "$world/root/proc"
mount --rbind /dev "$world/root/dev"
mount --bind "$world/volume" "$world/root/var/lib/rabbitmq"
in_image() { # USER NAME=VALUE... COMMAND...
    local user=$1 rights=(--inh-caps=-all --no-new-privs)
    shift
    if [ "$user" != root ]; then rights+=(--reuid="$user" --regid="$user" --init-groups --bounding-set=-all); fi
    chroot "$world/root" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        setpriv "${rights[@]}" env "$@"
}
healthy() { in_image leveret healthcheck.sh 2>/dev/null; }
start() { # USER NAME=VALUE...
    in_image "$@" entrypoint.sh leveret >"$world/log" 2>&1 &
    running=$!
    for _ in $(seq 300); do
        if healthy; then return; fi
        sleep 0.1
    done
    cat "$world/log"
    fail "the container is healthy"
}
stop() {
    kill -TERM "$(pgrep -x leveret)" # the only one in this namespace
    wait "$running" || { cat "$world/log"; fail "the container stops cleanly"; }
}
status() { curl -sS --max-time 10 -u "$1" -o /dev/null -w '%{http_code}' "http://127.0.0.1:15672/api/whoami"; }

# --- the volume is new: of the image's user, as Docker makes it
is "the image's user" "$(in_image leveret id -u):$(in_image leveret id -g)" 999:999
is "the directory of the volume in the image" "$(stat -c '%a %u:%g' "$image/var/lib/rabbitmq")" "700 999:999"
chown 999:999 "$world/volume"
chmod 700 "$world/volume"
in_image leveret touch /anything /tmp/anything 2>/dev/null && fail "the root is read-only"
healthy && fail "nothing is healthy before it starts"
say "user, volume, read-only root"

variables=(RABBITMQ_DEFAULT_USER=admin RABBITMQ_DEFAULT_PASS=secret RABBITMQ_DEFAULT_VHOST=burrow)
start leveret "${variables[@]}"
is "the user of the variables" "$(status admin:secret)" 200
is "guest" "$(status guest:guest)" 401
is "whose process it is" "$(ps -o uid= -C leveret | tr -d ' ')" 999
url=amqp://admin:secret@127.0.0.1/burrow
is "queue" "$(amqp-declare-queue -u $url -d -q kept)" kept
amqp-publish -u $url -r kept -p -b "still here"
curl -sS --max-time 10 http://127.0.0.1:15692/metrics | grep -q '^rabbitmq_queues 1$' || fail "metrics"
in_image leveret "${variables[@]}" rabbitmqctl list_queues -p burrow | grep -q '^kept' || fail "rabbitmqctl"
is "ping" "$(in_image leveret "${variables[@]}" rabbitmq-diagnostics -q ping)" "Ping succeeded"
stop
say "start with the variables, publish, stop"

# --- a volume of another user's, and the image as root: it takes it over and gives its rights up
chown -R 0:0 "$world/volume"
start root
is "whose process it is" "$(ps -o uid= -C leveret | tr -d ' ')" 999
is "message after a restart" "$(amqp-get -u $url -q kept)" "still here"
stop
say "--user 0, restart"
