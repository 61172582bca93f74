"""What RabbitMQ exports is imported unchanged: every object is there then, and users log in with their passwords."""
from http_shapes import Api

# What a virtual host may hold, made on RabbitMQ alone: path below /api and body.
MADE = (
    ("vhosts/moved", {"description": "to be moved", "tags": "a,b"}),
    ("users/mover", {"password": "a secret", "tags": "management,monitoring"}),
    ("permissions/moved/mover", {"configure": "^x", "write": ".*", "read": ""}),
    ("permissions/moved/guest", {"configure": ".*", "write": ".*", "read": ".*"}),
    ("topic-permissions/moved/mover", {"exchange": "amq.topic", "write": "^{username}", "read": ".*"}),
    ("vhost-limits/moved/max-queues", {"value": 100}),
    ("user-limits/mover/max-channels", {"value": 5}),
    ("global-parameters/moved", {"value": {"deep": [1, 2.5, None, "\u00fc"]}}),
    ("policies/moved/p", {"pattern": "^q", "definition": {"max-length": 5, "overflow": "reject-publish"}, "priority": 7,
                          "apply-to": "queues"}),
    ("operator-policies/moved/o", {"pattern": "^q", "definition": {"expires": 1000000}, "apply-to": "queues"}),
    ("exchanges/moved/headers", {"type": "headers", "durable": True, "arguments": {
        "alternate-exchange": "amq.fanout"}}),
    ("exchanges/moved/inner", {"type": "direct", "durable": True, "internal": True, "auto_delete": True}),
    ("queues/moved/classic", {"durable": True, "arguments": {
        "x-max-length": 3, "x-message-ttl": 1000000, "x-dead-letter-exchange": "", "x-max-priority": 5,
        "x-dead-letter-routing-key": "quorum"}}),
    ("queues/moved/quorum", {"durable": True, "arguments": {"x-queue-type": "quorum", "x-delivery-limit": 3}}),
    ("queues/moved/lazy", {"durable": True, "arguments": {"x-queue-mode": "lazy", "x-single-active-consumer": True}}),
)
BOUND = (
    ("bindings/moved/e/headers/q/classic", {"arguments": {"x-match": "all", "n": 1, "t": "text", "b": True}}),
    ("bindings/moved/e/amq.topic/q/quorum", {"routing_key": "a.*.#"}),
    ("bindings/moved/e/headers/e/inner", {"routing_key": "\u00fc"}),
)
SECTIONS = ("users", "vhosts", "permissions", "topic_permissions", "parameters", "global_parameters", "policies",
            "queues", "exchanges", "bindings")


def make(api):
    for verb, rows in (("PUT", MADE), ("POST", BOUND)):
        for path, body in rows:
            status, answer, _ = api.ask(verb, path, body)
            if status not in (201, 204):
                raise SystemExit(f"{verb} {path} on RabbitMQ: {status} {answer}")


def is_ours(row):
    return row.get("vhost", "moved") == "moved" and row.get("name") not in ("guest", "internal_cluster_id", "/")


def lost(theirs, ours):
    """Lines: the rows of RabbitMQ's file that ours has not, or has otherwise."""
    def holds(mine, row):
        return all(mine.get(key) == value for key, value in row.items())
    return [f"definitions: {section} {row}" for section in SECTIONS for row in filter(is_ours, theirs[section])
            if not any(holds(mine, row) for mine in ours[section])]


def compare(reference_ports, own_ports):
    reference, own = Api(reference_ports["http"]), Api(own_ports["http"])
    make(reference)
    theirs = reference.ask("GET", "definitions")[1]
    status, answer, _ = own.ask("POST", "definitions", theirs)
    lines = [] if status == 204 else [f"definitions: {status} {answer}"]
    lines += lost(theirs, own.ask("GET", "definitions")[1])
    status, who, _ = own.ask("GET", "whoami", login="mover:a secret")
    lines += [] if status == 200 else [f"whoami: {status} {who}"]
    print("\n".join(lines))
    print(f"{sum(is_ours(row) for section in SECTIONS for row in theirs[section])} definitions of RabbitMQ imported: "
          f"{len(lines)} differences")
    return not lines
