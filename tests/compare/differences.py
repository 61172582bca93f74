"""Where Leveret means to answer otherwise than RabbitMQ 3.10, most of all because RabbitMQ 4.2 does.

Each has a row in docs/DIFFERENCES.md with its reason; the self-test keeps both lists the same. An AMQP difference is a
function (operation, RabbitMQ's observation, ours) -> RabbitMQ's observation as it would have to be for us to be right;
the comparer accepts ours only when it is exactly that.
"""
import copy
import re

AMQP = {}

# Row: patterns of the lines that http_shapes.py writes, "path: missing|extra|type key: types", and http_requests.py,
# "user verb path body: status|error|HEADER theirs, ours".
HTTP = {
    "fields-of-4.x": [r": extra "],
    "erlang-internals": [
        r": missing .*(backing_queue_status|recoverable_slaves|garbage_collection\.|memory\.|ra_open_file_metrics"
        r"|metrics_gc_queue_length\.|ssl_opts)"],
    "fields-gone-in-4.x": [r": missing (uaa_|enable_uaa)", r"protocol-listener/amqp091: missing protocol:"],
    "names-of-the-node": [r": missing .*(cluster_state\.|config_files\.\[\]|release_series_support)"],
    "plain-ports-are-numbers": [r": type .*contexts\.\[\]\.port"],
    "no-tls-is-null": [r": type .*(ssl_|peer_cert_)"],
    "empty-objects-are-objects": [r": type .*socket_opts", r": type \[\]\.properties: \['array'"],
    "gap-disk-reads-and-writes": [r": missing message_stats\.disk_(reads|writes)"],
    "gap-dropped-by-channel": [r"channels.*: missing .*message_stats\.drop_unroutable"],
    "idle-since-when-idle": [r": missing .*idle_since"],
    "no-vhost-in-its-definitions": [r"definitions/%2F: missing (parameters|policies)\.\[\]\.vhost"],
    "no-page-extensions": [r"extensions: missing \[\]"],
    "no-cluster-id": [r"(global-parameters|definitions)(\?\S*)?: type (global_parameters\.)?\[\]\.value"],
    "one-node-only": [r"rebalance/queues: type"],
    "words-of-errors": [r": error (Object Not Found|not_found), ours (Object Not Found|not_found)$",
                        r": error invalid_(pagination|range)_parameters, ours bad_request$"],
    "reasons-are-text": [r": type reason: \['array'\], ours \['string'\]$"],
    "refusals-have-a-body": [r": type : \['null'\], ours \['object'\]$",
                             r": error None, ours (method_not_allowed|bad_request)$"],
    "mistakes-are-told": [r": status 500, ours 40[04]$", r'"routing_key":5\}: status 201, ours 400$'],
    "missing-is-404": [r"(exchanges/w/none/publish|user-limits/none/) ?.*: status 400, ours 404$"],
    "refused-publish-is-401": [r"POST exchanges/w/[^ ]*/publish .*: status 400, ours 401$"],
    "aliveness-is-no-test": [r"aliveness-test/%2F: status 401, ours 200$"],
    "one-as-its-list": [r"GET (vhosts/%2F|feature-flags|operator-policies/%2F/cmp): status 401, ours 200$",
                        r"GET vhosts/none: status 401, ours 404$"],
    "not-for-everybody": [r"(manager|stranger|policymaker|monitor) GET user-limits(/guest)?: status 200, ours 401$",
                          r"(nobody GET auth|stranger GET consumers/%2F): status 200, ours 401$"],
}
LAST_DEATH = ("x-last-death-exchange", "x-last-death-queue", "x-last-death-reason")


def difference(function):
    AMQP[function.__name__.replace("_", "-")] = function
    return function


def messages_in(observation):
    """Every message of an observation, wherever it stands."""
    if isinstance(observation, dict):
        if "properties" in observation and "body" in observation:
            yield observation
        for value in observation.values():
            yield from messages_in(value)
    elif isinstance(observation, (list, tuple)):
        for value in observation:
            yield from messages_in(value)


@difference
def last_death_headers(_, theirs, ours):
    """x-last-death-* came with 3.13."""
    wanted = copy.deepcopy(theirs)
    for their, our in zip(messages_in(wanted), messages_in(ours)):
        headers = our["properties"].get("headers") or {}
        if "x-death" in headers and their["properties"].get("headers") is not None:
            newest = headers["x-death"][0]
            for name in LAST_DEATH:
                if headers.get(name) == newest.get(name.split("-")[-1]):
                    their["properties"]["headers"][name] = headers[name]
    return wanted


@difference
def unknown_exchange_type(_, theirs, ours):
    """A channel error since 4.0, a connection error before."""
    match = re.fullmatch(r"connection 503 COMMAND_INVALID - (unknown|invalid) (exchange type .*)",
                         str(theirs.get("answer")))  # "invalid" if the name happens to be an atom of Erlang's
    return {**theirs, "answer": f"channel 406 PRECONDITION_FAILED - unknown {match.group(2)}"} if match else theirs


@difference
def expiration_without_digits(_, theirs, ours):
    """4.x tells the whole term."""
    match = re.fullmatch(r"(channel 406 .* invalid expiration '.*': )no_integer", str(theirs.get("answer")))
    return {**theirs, "answer": match.group(1) + "{error,no_integer}"} if match else theirs


@difference
def two_mistakes_in_one_publish(operation, theirs, ours):
    """What a message alone shows to be wrong is found before its exchange is looked for."""
    both = re.match(r"channel 404 NOT_FOUND - no exchange|channel 403 ACCESS_REFUSED - cannot publish to internal", str(
        theirs.get("answer"))) and re.match(r"channel 406 PRECONDITION_FAILED - (invalid|user_id)",
                                            str(ours.get("answer")))
    return {**theirs, "answer": ours["answer"]} if operation[0] == "publish" and both else theirs


def explain(operation, theirs, ours):
    """The names of the differences that together make RabbitMQ's observation ours; None when they do not."""
    applied = []
    for name, function in AMQP.items():
        wanted = function(operation, theirs, ours)
        if wanted != theirs:
            applied.append(name)
            theirs = wanted
    return applied if theirs == ours else None
