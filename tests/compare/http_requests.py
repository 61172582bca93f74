"""Requests that change something or are wrong, and those of users with few rights: the same ones in the same order on
both, answers compared by status, error, some headers and shape."""
import collections

from http_shapes import PATHS, Api, differences_of, reason_of

# USER VERB PATH [BODY]: `-` is guest; others have their name as password. A body is sent as it stands here, with what
# every publish has for MESSAGE.
MESSAGE = '"routing_key":"q","payload":"p","payload_encoding":"string"'
REQUESTS = r"""
- PUT vhosts/w {"description":"d","tags":"a,b"}
- PUT vhosts/w {"description":"e"}
- PUT vhosts/w not json
- PUT vhosts/w [1]
- GET vhosts/w
- GET definitions?download=file.json
- GET definitions/w?download=file.json
- PUT users/manager {"password":"manager","tags":"management"}
- PUT users/manager {"password":"manager","tags":["management"]}
- PUT users/stranger {"password":"stranger","tags":"management"}
- PUT users/monitor {"password":"monitor","tags":"monitoring"}
- PUT users/policymaker {"password":"policymaker","tags":"policymaker"}
- PUT users/nobody {"password":"nobody","tags":""}
- PUT users/x {"password":"x"}
- PUT users/x {"password":"x","password_hash":"kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR","tags":""}
- PUT users/x {"password_hash":"no base64!","tags":""}
- PUT users/x {"password_hash":"kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR","tags":""}
- PUT users/x {"tags":5}
- PUT users/x "a string"
- PUT users/x "{\"password\":\"x\"}"
- GET users/x
- DELETE users/x
- DELETE users/x
- PUT users/y {"tags":""}
- POST users/bulk-delete {"users":["y"]}
- POST users/bulk-delete {}
- PUT permissions/w/manager {"configure":".*","write":".*","read":".*"}
- PUT permissions/w/manager {"configure":".*","write":".*","read":".*"}
- PUT permissions/w/policymaker {"configure":"","write":"","read":""}
- PUT permissions/w/guest {"configure":".*","write":".*","read":".*"}
- PUT permissions/w/manager {"configure":".*"}
- PUT permissions/w/manager {"configure":"(","write":"","read":""}
- PUT permissions/w/none {"configure":"","write":"","read":""}
- PUT permissions/none/manager {"configure":"","write":"","read":""}
- GET permissions/w/manager
- DELETE permissions/w/none
- PUT topic-permissions/w/manager {"exchange":"amq.topic","write":".*","read":".*"}
- PUT topic-permissions/w/manager {"exchange":"amq.topic","write":"("}
- PUT topic-permissions/w/manager {}
- GET topic-permissions/w/manager/amq.topic
- DELETE topic-permissions/w/manager/amq.topic
- DELETE topic-permissions/w/manager
- PUT user-limits/manager/max-connections {"value":5}
- PUT user-limits/manager/max-connections {"value":"x"}
- PUT user-limits/manager/unknown {"value":5}
- PUT user-limits/none/max-channels {"value":5}
- DELETE user-limits/manager/max-connections
- PUT vhost-limits/w/max-queues {"value":50}
- PUT vhost-limits/w/max-queues {}
- PUT vhost-limits/w/unknown {"value":5}
- PUT vhost-limits/none/max-queues {"value":5}
- DELETE vhost-limits/w/max-queues
- DELETE vhost-limits/w/max-queues
- PUT queues/w/q {"durable":true}
- PUT queues/w/q {"durable":true}
- PUT queues/w/q {"durable":false}
- PUT queues/w/q {"durable":true,"arguments":{"x-max-length":5}}
- PUT queues/w/r {"durable":"true","auto_delete":false,"arguments":{"x-message-ttl":1000000}}
- PUT queues/w/s {"durable":1}
- PUT queues/w/s {"arguments":[]}
- PUT queues/w/s {"arguments":{"x-max-length":"five"}}
- PUT queues/w/s {"arguments":{"x-max-length":-1}}
- PUT queues/w/s {"node":"rabbit@nowhere"}
- PUT queues/w/amq.mine {}
- PUT queues/none/q {}
- GET queues/w/q
- GET queues/w?page=1
- GET queues/w?page=0
- GET queues/w?page=9
- GET queues/w?page=1&page_size=0
- GET queues/w?page=1&page_size=501
- GET queues/w?page=x
- GET queues/w?page=1&name=(&use_regex=true
- GET queues/w?page=1&sort=name&sort_reverse=true&columns=name
- GET queues/w?msg_rates_age=60&msg_rates_incr=5
- GET queues/w?msg_rates_age=60000&msg_rates_incr=5
- PUT exchanges/w/x {"type":"topic","durable":true}
- PUT exchanges/w/x {"type":"topic","durable":true}
- PUT exchanges/w/x {"type":"direct","durable":true}
- PUT exchanges/w/untyped {}
- GET exchanges/w/untyped
- PUT exchanges/w/y {"type":"nonsense"}
- PUT exchanges/w/y {"type":5}
- PUT exchanges/w/amq.mine {"type":"direct"}
- PUT exchanges/w/y {"type":"fanout","internal":true}
- GET exchanges/w/y
- POST bindings/w/e/x/q/q {"routing_key":"a.#","arguments":{}}
- POST bindings/w/e/x/q/q {"routing_key":"a.#"}
- POST bindings/w/e/x/q/q {"routing_key":"a b/c~d"}
- POST bindings/w/e/x/q/q {}
- POST bindings/w/e/x/q/none {"routing_key":"a"}
- POST bindings/w/e/none/q/q {"routing_key":"a"}
- POST bindings/w/e/x/q/q {"routing_key":5}
- POST bindings/w/e/x/e/y {"routing_key":"b"}
- POST bindings/w/e/amq.default/q/q {"routing_key":"b"}
- GET bindings/w/e/x/q/q
- GET bindings/w/e/x/q/q/a.%23
- GET bindings/w/e/x/q/q/none
- DELETE bindings/w/e/x/q/q/none
- DELETE bindings/w/e/x/q/q/a.%23
- DELETE bindings/w/e/x/e/y/b
- POST exchanges/w/amq.default/publish {"properties":{},MESSAGE}
- POST exchanges/w/amq.default/publish {"properties":{"delivery_mode":2,"headers":{"a":1}},MESSAGE}
- POST exchanges/w/amq.default/publish {"properties":{},"routing_key":"q","payload":"cA==","payload_encoding":"base64"}
- POST exchanges/w/amq.default/publish {"properties":{},"routing_key":"none","payload":"p","payload_encoding":"string"}
- POST exchanges/w/none/publish {"properties":{},MESSAGE}
- POST exchanges/w/y/publish {"properties":{},MESSAGE}
- POST exchanges/w/amq.default/publish {"routing_key":"q"}
- POST exchanges/w/amq.default/publish {"properties":{},"routing_key":"q","payload":"!","payload_encoding":"base64"}
- POST exchanges/w/amq.default/publish {"properties":{},"routing_key":"q","payload":"p","payload_encoding":"none"}
- POST exchanges/w/amq.default/publish {"properties":{"delivery_mode":"x"},MESSAGE}
- POST queues/w/q/get {"count":1,"ackmode":"ack_requeue_true","encoding":"auto"}
- POST queues/w/q/get {"count":1,"ackmode":"reject_requeue_true","encoding":"base64","truncate":0}
- POST queues/w/q/get {"count":1,"ackmode":"nonsense","encoding":"auto"}
- POST queues/w/q/get {"count":1,"ackmode":"ack_requeue_true","encoding":"nonsense"}
- POST queues/w/q/get {"count":"x","ackmode":"ack_requeue_true","encoding":"auto"}
- POST queues/w/q/get {}
- POST queues/w/none/get {"count":1,"ackmode":"ack_requeue_true","encoding":"auto"}
- POST queues/w/q/get {"count":5,"ackmode":"ack_requeue_false","encoding":"auto"}
- POST queues/w/q/actions {"action":"sync"}
- POST queues/w/q/actions {"action":"nonsense"}
- POST queues/w/q/actions {}
- DELETE queues/w/q/contents
- DELETE queues/w/none/contents
- POST queues/w/q/contents {}
- PUT policies/w/p {"pattern":"^q","definition":{"max-length":5},"apply-to":"queues","priority":1}
- PUT policies/w/p {"pattern":"^q","definition":{"max-length":6}}
- PUT policies/w/p {"pattern":"^q"}
- PUT policies/w/p {"pattern":"(","definition":{"max-length":5}}
- PUT policies/w/p {"pattern":"^q","definition":{"nonsense":5}}
- PUT policies/w/p {"pattern":"^q","definition":{"max-length":-5}}
- PUT policies/w/p {"pattern":"^q","definition":{}}
- PUT policies/w/p {"pattern":"^q","definition":{"max-length":5},"apply-to":"nonsense"}
- PUT policies/w/p {"pattern":"^q","definition":{"max-length":5},"priority":"x"}
- PUT policies/none/p {"pattern":"^q","definition":{"max-length":5}}
- GET policies/w/p
- DELETE policies/w/p
- DELETE policies/w/p
- PUT operator-policies/w/p {"pattern":"^q","definition":{"max-length":5},"apply-to":"queues"}
- PUT operator-policies/w/p {"pattern":"^q","definition":{"dead-letter-exchange":"x"},"apply-to":"queues"}
- DELETE operator-policies/w/p
- PUT parameters/nonsense/w/p {"value":5}
- DELETE parameters/nonsense/w/p
- GET parameters/nonsense
- GET parameters/nonsense/w
- PUT global-parameters/mine {"value":{"a":1}}
- PUT global-parameters/mine {"value":5}
- PUT global-parameters/mine {}
- GET global-parameters/mine
- DELETE global-parameters/mine
- DELETE global-parameters/mine
- PUT cluster-name {"name":"compared"}
- PUT cluster-name {}
- POST definitions {"queues":[{"name":"d","vhost":"w","durable":true,"auto_delete":false,"arguments":{}}]}
- POST definitions {"queues":[{"name":"e","vhost":"none","durable":true,"auto_delete":false,"arguments":{}}]}
- POST definitions not json
- POST definitions/w {"queues":[{"name":"f","durable":true,"auto_delete":false,"arguments":{}}]}
- POST definitions/none {}
- OPTIONS definitions
- OPTIONS queues/w/q
- OPTIONS queues/w/q/get
- OPTIONS exchanges/w/x/publish
- OPTIONS bindings/w/e/x/q/q
- OPTIONS vhosts/w
- OPTIONS users/manager
- OPTIONS nodes
- GET health/checks/port-listener/x
- GET health/checks/certificate-expiration/1/fortnights
- GET health/checks/certificate-expiration/x/weeks
- PUT feature-flags/nonsense/enable {}
- PUT feature-flags/quorum_queue/enable {}
- GET auth/attempts/none
- DELETE auth/attempts/{node}
- DELETE reset
- DELETE reset/{node}
- POST rebalance/queues {}
- DELETE connections/none
- GET connections/none
- GET channels/none
- GET nodes/none
- GET shovels
- GET federation-links
- GET traces
- GET top/{node}
- POST overview {}
- DELETE overview
- PATCH overview {}
- PUT queues/w {}
- GET a%zz
- GET queues/w/%ff
manager GET overview
manager GET nodes
manager GET users
manager GET queues/w/q
manager GET queues/%2F
manager GET definitions
manager GET policies/w
manager GET connections
manager PUT vhosts/v {}
manager PUT queues/w/mine {"durable":true}
manager DELETE queues/w/mine
manager PUT queues/%2F/mine {}
manager PUT users/manager {"password":"other","tags":"administrator"}
manager PUT cluster-name {"name":"mine"}
policymaker GET policies/w
policymaker PUT policies/w/p {"pattern":"^q","definition":{"max-length":5}}
policymaker DELETE policies/w/p
policymaker PUT policies/%2F/p {"pattern":"^q","definition":{"max-length":5}}
policymaker PUT operator-policies/w/p {"pattern":"^q","definition":{"max-length":5}}
policymaker PUT queues/w/theirs {}
policymaker POST exchanges/w/x/publish {"properties":{},MESSAGE}
policymaker POST queues/w/q/get {"count":1,"ackmode":"ack_requeue_true","encoding":"auto"}
policymaker DELETE queues/w/q/contents
policymaker DELETE queues/w/q
policymaker POST bindings/w/e/x/q/q {"routing_key":"b"}
policymaker GET nodes
monitor GET nodes
monitor GET users
monitor GET vhosts
monitor PUT queues/w/theirs {}
nobody GET overview
none GET overview
- DELETE queues/w/q?if-empty=true
- DELETE queues/w/r?if-unused=true
- DELETE queues/w/none
- DELETE exchanges/w/x?if-unused=true
- DELETE exchanges/w/amq.topic
- DELETE exchanges/w/none
- DELETE vhosts/w
- DELETE vhosts/w
"""
# Of the users above; what they see of everything. All but one of them have permissions in "/" then.
ROLES = ("nobody", "manager", "stranger", "policymaker", "monitor")


def requests_of_roles():
    for role in ROLES:
        if role != "stranger":
            yield f'- PUT permissions/%2F/{role} {{"configure":"","write":"","read":""}}'
        yield from (f"{role} GET {path}" for path in PATHS if "{connection}" not in path and "{channel}" not in path)
        yield f"- DELETE users/{role}"


def answers(port, requests):
    """The answer to each request, in their order."""
    api = Api(port)
    node = api.ask("GET", "overview")[1]["node"]
    for request in requests:
        user, verb, path, *body = request.split(" ", 3)
        login = "guest:guest" if user == "-" else f"{user}:{user}"
        text = body[0].replace("MESSAGE", MESSAGE) if body else None
        yield api.ask(verb, path.replace("{node}", node), text, login)


def error_of(answer):
    return answer[1].get("error") if isinstance(answer[1], dict) and answer[0] >= 400 else None


def differences_of_request(request, theirs, ours):
    lines = differences_of(request, theirs, ours)
    if theirs[0] == ours[0]:
        compared = [("error", error_of(theirs), error_of(ours)), *((name, theirs[2][name], ours[2][name])
                                                                   for name in theirs[2])]
        lines += [f"{request}: {what} {their}, ours {our}" for what, their, our in compared if their != our]
    return lines


def compare(reference_ports, own_ports):
    requests = [*REQUESTS.strip().splitlines(), *requests_of_roles()]
    both = zip(requests, answers(reference_ports["http"], requests), answers(own_ports["http"], requests))
    lines = [line for request, theirs, ours in both for line in differences_of_request(request, theirs, ours)]
    rows = collections.Counter(reason_of(line) for line in lines)
    unexpected = [line for line in lines if reason_of(line) is None]
    print("\n".join(unexpected))
    print(f"{len(requests)} requests that change something, are wrong or not allowed: {len(unexpected)} differences; "
          f"those in docs/DIFFERENCES.md: { {row: count for row, count in rows.items() if row} }")
    return not unexpected
