#!/bin/bash
# rabbitmq-c's command line tools (Debian package amqp-tools) against the broker at AMQP_URL.
set -u
queue="interop.$$.c-tools"
fail() { echo "FAILED $*"; exit 1; }
equal() { [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"; }

for tool in amqp-publish amqp-get amqp-consume amqp-declare-queue amqp-delete-queue; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian package amqp-tools)"
done
run() {
    local tool=$1
    shift
    timeout 20 "$tool" --url="$AMQP_URL" "$@"
}
work=$(mktemp -d) || fail "no temporary directory"
trap 'rm -rf "$work"' EXIT

equal "amqp-declare-queue prints the name" "$queue" "$(run amqp-declare-queue -d -q "$queue")"
generated=$(run amqp-declare-queue -d -q "") || fail "declaring a queue without a name"
case $generated in amq.gen-*) ;; *) fail "a server-named queue, got '$generated'" ;; esac # spec: C1
run amqp-delete-queue -q "$generated" >/dev/null || fail "deleting $generated"
echo "ok     declare"

seq 1 100 | run amqp-publish -r "$queue" -p -l || fail "publishing 100 lines"
for number in 1 2 3 4 5; do
    equal "amqp-get number $number" "$number" "$(run amqp-get -q "$queue")" # spec: C19 C25
done
echo "ok     publish and get"

run amqp-consume -q "$queue" -c 50 cat >"$work/consumed" || fail "consuming 50"
equal "amqp-consume -c 50 gives 6 to 55 in order" "$(seq 6 55)" "$(cat "$work/consumed")" # spec: C25
run amqp-consume -q "$queue" -c 40 -p 1 cat >"$work/consumed" || fail "consuming 40 with a prefetch of 1"
equal "amqp-consume -c 40 -p 1 gives 56 to 95 in order" "$(seq 56 95)" "$(cat "$work/consumed")" # spec: C18 C23
# A deleted queue counts what was left in it: the first five by get, then fifty and forty are gone.
equal "five are left" "5" "$(run amqp-delete-queue -q "$queue")" # spec: C9
echo "ok     consume"

# An empty file, every octet value, and a body of many frames.
: >"$work/empty"
awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }' </dev/null | LC_ALL=C cat >"$work/octets"
head -c 3000000 /dev/urandom >"$work/large"
run amqp-declare-queue -q "$queue" >/dev/null || fail "declaring a transient queue"
for body in empty octets large; do
    run amqp-publish -r "$queue" -C text/plain -H "origin: $body" <"$work/$body" || fail "publishing $body"
    run amqp-get -q "$queue" >"$work/got" || fail "getting $body"
    cmp "$work/$body" "$work/got" || fail "the body '$body' arrives changed"
done
run amqp-get -q "$queue" >"$work/got"
equal "exit code of amqp-get on an empty queue" 2 $?
echo "ok     bodies"

# A consumer that waits: an exclusive queue bound to an exchange.
run amqp-consume -e amq.direct -r "$queue.key" -x -q "$queue.exclusive" -c 1 cat >"$work/consumed" &
consumer=$!
for _ in $(seq 1 100); do # until its binding is there, publishing to the exchange reaches nobody
    run amqp-publish -e amq.direct -r "$queue.key" -b "hello, exchange" || fail "publishing to amq.direct"
    kill -0 $consumer 2>/dev/null || break
    sleep 0.1
done
wait $consumer || fail "the waiting consumer"
equal "what the waiting consumer heard" "hello, exchange" "$(cat "$work/consumed")"
run amqp-delete-queue -q "$queue" >/dev/null || fail "deleting the queue"
echo "ok     exchange"

run amqp-get -q "$queue" >/dev/null 2>"$work/error"
[ $? -ne 0 ] && grep -q "no queue '$queue' in vhost '/'" "$work/error" ||
    fail "amqp-get on a missing queue: $(cat "$work/error")" # spec: C8
timeout 20 amqp-get --url="${AMQP_URL/guest:guest/guest:wrong}" -q any >/dev/null 2>"$work/error"
[ $? -ne 0 ] && grep -q "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN" "$work/error" ||
    fail "a wrong password: $(cat "$work/error")" # spec: P17
echo "ok     errors"
