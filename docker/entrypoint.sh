#!/bin/sh
# The container's first process: makes what the official RabbitMQ image promises true for Leveret, then becomes the broker.
#   - RABBITMQ_DEFAULT_USER_FILE, _PASS_FILE and _VHOST_FILE: the value is what stands in that file (a secret).
#   - RABBITMQ_ERLANG_COOKIE, RABBITMQ_PLUGINS and the like are for the broker to warn about.
#   - "rabbitmq-server" and options alone start the broker; any other command is run as it is.
#   - Started as root it hands its rights away; the image itself starts as the user leveret.
set -eu

from_file() {
    eval "path=\${$1_FILE:-}"
    [ -n "$path" ] || return 0
    eval "value=\${$1:-}"
    if [ -n "$value" ]; then
        echo "entrypoint: $1 and $1_FILE are both set" >&2
        exit 1
    fi
    if ! value=$(cat "$path"); then
        echo "entrypoint: $1_FILE: cannot read $path" >&2
        exit 1
    fi
    export "$1=$value"
    unset "$1_FILE"
}

from_file RABBITMQ_DEFAULT_USER
from_file RABBITMQ_DEFAULT_PASS
from_file RABBITMQ_DEFAULT_VHOST

configuration=${RABBITMQ_CONFIG_DIRECTORY:-/etc/rabbitmq}
data=${RABBITMQ_MNESIA_BASE:-/var/lib/rabbitmq}

case ${1:-} in
rabbitmq-server | leveret) shift ;;
-* | '') ;;
*) exec "$@" ;;
esac

# Beside a main file its conf.d is read without being asked for.
if [ -z "${RABBITMQ_CONFIG_FILE:-}${RABBITMQ_CONFIG_FILES:-}" ]; then
    if [ -f "$configuration/rabbitmq.conf" ]; then
        export RABBITMQ_CONFIG_FILE="$configuration/rabbitmq.conf"
    else
        export RABBITMQ_CONFIG_FILES="$configuration/conf.d"
    fi
fi
# RabbitMQ's files, should there be any in the volume, and ours never meet.
if [ -z "${RABBITMQ_MNESIA_BASE:-}${RABBITMQ_MNESIA_DIR:-}" ]; then
    set -- --set "leveret.data_dir=$data/leveret" "$@"
fi

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$data/leveret"
    find "$data" \! -user leveret -exec chown leveret:leveret '{}' +
    exec setpriv --reuid=leveret --regid=leveret --init-groups --inh-caps=-all --no-new-privs leveret "$@"
fi
exec leveret "$@"
