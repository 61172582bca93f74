#!/usr/bin/env bash
# The Debian package from building to purging, and the container's files: deb_test.sh [PACKAGE.deb]. Without a package
# it makes one (`make deb`).
# Needs root. All of it happens in namespaces of its own over a copy-on-write view of this machine: nothing of it
# stays, no port is taken. What systemd would do is done by hand; of the unit systemd-analyze says what it thinks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ "${1:-}" != --inside ]; then
    package=${1:-}
    if [ -z "$package" ]; then
        make deb >/dev/null
        package=$(ls -t build/leveret_*.deb | head -1)
    fi
    exec unshare --mount --net --pid --ipc --uts --fork --mount-proc "$0" --inside "$(readlink -f "$package")"
fi

package=$2
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
say() { printf 'ok     %s\n' "$1"; }
fail() { printf 'FAILED %s\n' "$1"; exit 1; }
is() { [ "$2" = "$3" ] || fail "$1: expected '$3', got '$2'"; }

# --- the package as such
files=$(dpkg-deb -c "$package" | awk '{print $6}')
for file in ./usr/bin/leveret ./usr/bin/leveret-perf ./usr/bin/leveretctl ./etc/leveret/leveret.conf \
    ./usr/lib/systemd/system/leveret.service ./usr/share/doc/leveret/copyright ./usr/share/doc/leveret/changelog.gz; do
    grep -qxF "$file" <<<"$files" || fail "the package has $file"
done
is "conffiles" "$(dpkg-deb -I "$package" conffiles)" /etc/leveret/leveret.conf
depends=$(dpkg-deb -f "$package" Depends)
for library in librocksdb libjemalloc2 libssl3 libc6 libfmt adduser; do
    [[ $depends == *$library* ]] || fail "it depends on $library: $depends"
done
is "files of others" "$(dpkg-deb -c "$package" | awk '$2 != "root/root"')" ""
is "files that others may write" "$(dpkg-deb -c "$package" | awk '$1 ~ /^-.......w/')" ""
[ "$(stat -c %s "$package")" -lt 20000000 ] || fail "it is small"
say "contents"

# --- a machine to install it on
ip link set lo up
world=$(mktemp -d)
trap 'umount -R "$world" 2>/dev/null || true; rmdir "$world" || true' EXIT
mount -t tmpfs -o mode=0755 none "$world"
mkdir "$world/upper" "$world/work" "$world/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$world/upper,workdir=$world/work" "$world/root"
mount --bind /proc "$world/root/proc"
mount --rbind /dev "$world/root/dev"
for directory in tmp run var/lib/leveret; do # those of the machine are not seen
    if [ -d "$world/root/$directory" ]; then mount -t tmpfs none "$world/root/$directory"; fi
done
chmod 1777 "$world/root/tmp"
cp "$package" "$world/root/tmp/leveret.deb"
in_world() {
    chroot "$world/root" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        DEBIAN_FRONTEND=noninteractive "$@"
}
api() { in_world curl -sS --max-time 10 -u guest:guest "$@"; }
messages() { api http://127.0.0.1:15672/api/queues/%2F/kept | sed -n 's/.*"messages":\([0-9]*\).*/\1/p'; }
rm -f "$world/root/etc/leveret/leveret.conf"

in_world systemd-analyze --version >/dev/null 2>&1 && has_systemd=yes || has_systemd=no

# As the unit does it: the user, the directories, the command line.
start_broker() {
    rm -f "$world/root/tmp/log"
    in_world setpriv --reuid=leveret --regid=leveret --init-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
        leveret --config /etc/leveret/leveret.conf --data-dir /var/lib/leveret >"$world/root/tmp/log" 2>&1 &
    for _ in $(seq 300); do
        if grep -q "Server startup complete" "$world/root/tmp/log"; then return; fi
        sleep 0.1
    done
    cat "$world/root/tmp/log"
    fail "the broker starts"
}
stop_broker() {
    in_world pkill -x -U leveret leveret # in this PID namespace there is no other
    wait
    grep -q "stopped" "$world/root/tmp/log" || fail "the broker stops cleanly"
}

in_world dpkg -i /tmp/leveret.deb >"$world/install" 2>&1 || { cat "$world/install"; fail "it installs"; }
in_world id leveret >/dev/null || fail "the user is made"
is "shell of the user" "$(in_world getent passwd leveret | cut -d: -f7)" /usr/sbin/nologin
is "data directory" "$(in_world stat -c '%a %U:%G' /var/lib/leveret)" "700 leveret:leveret"
is "configuration" "$(in_world stat -c '%a %U:%G' /etc/leveret/leveret.conf)" "640 root:leveret"
say "install"

start_broker
is "queue" "$(api -o /dev/null -w '%{http_code}' -X PUT http://127.0.0.1:15672/api/queues/%2F/kept \
    -H 'content-type: application/json' -d '{"durable":true}')" 201
api -X POST http://127.0.0.1:15672/api/exchanges/%2F/amq.default/publish -H 'content-type: application/json' \
    -d '{"properties":{"delivery_mode":2},"routing_key":"kept","payload":"x","payload_encoding":"string"}' |
    grep -q true || fail "publishing"
is "files that others may read" "$(in_world find /var/lib/leveret -perm /077)" ""
stop_broker
say "start, publish, stop"

# --- the next version; an administrator has changed the configuration
echo 'heartbeat = 17' >>"$world/root/etc/leveret/leveret.conf"
mkdir "$world/next"
dpkg-deb -R "$package" "$world/next"
sed -i 's/^Version: .*/&+next/' "$world/next/DEBIAN/control"
dpkg-deb -b "$world/next" "$world/root/tmp/next.deb" >/dev/null
in_world dpkg -i /tmp/next.deb >"$world/upgrade" 2>&1 || { cat "$world/upgrade"; fail "it upgrades"; }
grep -q 'heartbeat = 17' "$world/root/etc/leveret/leveret.conf" || fail "an upgrade keeps the configuration"
start_broker
is "messages after the upgrade" "$(messages)" 1
stop_broker
say "upgrade"

in_world dpkg -r leveret >"$world/remove" 2>&1 || { cat "$world/remove"; fail "it can be removed"; }
in_world test -d /var/lib/leveret/db || fail "removing keeps the data"
in_world test -f /etc/leveret/leveret.conf || fail "removing keeps the configuration"
in_world test ! -e /usr/bin/leveret || fail "removing removes the program"
in_world dpkg -i /tmp/next.deb >/dev/null 2>&1 || fail "it can be installed again"
start_broker
is "messages after removing" "$(messages)" 1
stop_broker
say "remove, install again"

# --- what docker/Dockerfile adds, as `docker run --read-only --cap-drop ALL --security-opt no-new-privileges` starts it
install -m 0755 docker/entrypoint.sh docker/healthcheck.sh "$world/root/usr/local/bin/"
install -D -m 0644 docker/10-defaults.conf "$world/root/etc/rabbitmq/conf.d/10-defaults.conf"
mkdir -p "$world/root/var/lib/rabbitmq"
mount -t tmpfs -o "mode=0700,uid=$(in_world id -u leveret),gid=$(in_world id -g leveret)" none \
    "$world/root/var/lib/rabbitmq"
echo secret >"$world/root/tmp/password"
mount -o remount,ro "$world/root"
in_world touch /anything 2>/dev/null && fail "the root is read-only"
in_world RABBITMQ_DEFAULT_USER=admin RABBITMQ_DEFAULT_PASS_FILE=/tmp/password RABBITMQ_NODE_PORT=5673 setpriv \
    --reuid=leveret --regid=leveret --init-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    entrypoint.sh rabbitmq-server >"$world/root/tmp/log" 2>&1 &
for _ in $(seq 300); do
    if in_world RABBITMQ_NODE_PORT=5673 healthcheck.sh 2>/dev/null; then break; fi
    sleep 0.1
done
in_world RABBITMQ_NODE_PORT=5673 healthcheck.sh || { cat "$world/root/tmp/log"; fail "the container is healthy"; }
is "the user of the variables" \
    "$(in_world curl -sS -u admin:secret -o /dev/null -w '%{http_code}' http://127.0.0.1:15672/api/whoami)" 200
is "guest" "$(api -o /dev/null -w '%{http_code}' http://127.0.0.1:15672/api/whoami)" 401
in_world test -d /var/lib/rabbitmq/leveret/db || fail "the data is in the volume"
stop_broker
mount -o remount,rw "$world/root"
umount "$world/root/var/lib/rabbitmq"
say "container: read-only root, no capabilities, variables, health"

in_world dpkg -P leveret >"$world/purge" 2>&1 || { cat "$world/purge"; fail "it can be purged"; }
left=$(in_world find /var/lib/leveret /etc/leveret /var/log/leveret /usr/share/doc/leveret -type f 2>/dev/null || true)
is "what is left" "$left" ""
is "state" "$(in_world dpkg-query -W -f '${Status}' leveret 2>/dev/null || true)" ""
say "purge"

if [ "$has_systemd" = yes ]; then
    exposure=$(systemd-analyze security --offline=true "$world/next/usr/lib/systemd/system/leveret.service" 2>&1 |
        sed -n 's/.*exposure level.*: \([0-9.]*\).*/\1/p')
    awk -v exposure="$exposure" 'BEGIN { exit !(exposure != "" && exposure <= 1.5) }' || fail "exposure $exposure"
    say "systemd-analyze security: $exposure"
fi
