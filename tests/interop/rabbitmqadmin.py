#!/usr/bin/python3
"""rabbitmqadmin, the Python script in Debian's rabbitmq-server package, over every kind of object."""
import glob
import json
import os
import re
import subprocess
import tempfile
import urllib.parse

from checks import check, equal, limit, run_tests

PLACES = ["/usr/bin/rabbitmqadmin",
          "/usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/rabbitmq_management-*/priv/www/cli/rabbitmqadmin"]
HOST, QUEUE, EXCHANGE = "ra-host", "ra.queue", "ra.exchange"
# (arguments, what must be printed); in this order.
STEPS = [
    ("show overview", "cluster_name|rabbitmq_version"),
    (f"declare vhost name={HOST}", "vhost declared"),
    ("declare user name=rauser password=pw tags=monitoring", "user declared"),
    (f"declare permission vhost={HOST} user=rauser configure=.* write=.* read=.*", "permission declared"),
    ("-f tsv list vhosts name", HOST),
    ("-f tsv list users name tags", "rauser\tmonitoring"),
    ("-f tsv list permissions", "rauser"),
    (f"-V {HOST} declare queue name={QUEUE} durable=true arguments={{\"x-max-length\":10}}", "queue declared"),
    (f"-V {HOST} declare queue name={QUEUE} durable=true arguments={{\"x-max-length\":10}}", "queue declared"),
    (f"-V {HOST} declare queue name={QUEUE} durable=false", "inequivalent arg"),
    (f"-V {HOST} declare exchange name={EXCHANGE} type=topic", "exchange declared"),
    (f"-V {HOST} declare exchange name=ra.bad type=nosuch", "exchange type"),
    (f"-V {HOST} declare binding source={EXCHANGE} destination={QUEUE} routing_key=a.#", "binding declared"),
    (f"-V {HOST} -f tsv list bindings source destination routing_key", f"{EXCHANGE}\t{QUEUE}\ta\\.#"),
    (f"-V {HOST} publish exchange={EXCHANGE} routing_key=a.b payload=hello properties={{\"delivery_mode\":2}}",
     "Message published$"),
    (f"-V {HOST} publish exchange={EXCHANGE} routing_key=zzz payload=lost", "NOT routed"),
    (f"-V {HOST} -f tsv list queues name messages durable", f"{QUEUE}\t1\tTrue"),
    (f"-V {HOST} -f tsv get queue={QUEUE} ackmode=ack_requeue_true", "a\\.b.*hello"),
    (f"-V {HOST} -f tsv get queue={QUEUE} ackmode=ack_requeue_false", "hello.*True"),
    (f"-V {HOST} publish exchange=amq.default routing_key={QUEUE} payload=again", "published"),
    (f"-V {HOST} purge queue name={QUEUE}", "queue purged"),
    (f"-V {HOST} declare policy name=pol pattern=^ra definition={{\"message-ttl\":60000}} priority=3 apply-to=queues",
     "policy declared"),
    (f"-V {HOST} -f tsv list policies name pattern", "pol\t\\^ra"),
    (f"-V {HOST} declare operator_policy name=op pattern=^ra definition={{\"max-length\":5}} apply-to=queues",
     "declared"),
    (f"-V {HOST} -f tsv list parameters component name", "operator_policy\top"),
    (f"-V {HOST} declare parameter component=nosuch name=x value={{}}", "component nosuch not found"),
    (f"declare vhost_limit vhost={HOST} name=max-queues value=100", "declared"),
    ("list vhost_limits", "max-queues.*100"),
    (f"-V {HOST} -f tsv list exchanges name type", "amq\\.topic\ttopic"),
    ("-f tsv list nodes name", "@"),
    ("-f tsv list connections name", ""),
    ("-f tsv list channels name", ""),
    ("-f tsv list consumers", ""),
    (f"-V {HOST} -f raw_json list queues name", f'"name": ?"{QUEUE}"'),
    (f"-V {HOST} export host.json", "Exported definitions"),
    (f"-V {HOST} delete binding source={EXCHANGE} destination_type=queue destination={QUEUE} properties_key=a.%23",
     "binding deleted"),
    (f"-V {HOST} delete queue name={QUEUE}", "queue deleted"),
    (f"-V {HOST} delete queue name={QUEUE}", "[Nn]ot found"),
    (f"-V {HOST} import host.json", "Uploaded"),
    (f"-V {HOST} -f tsv list queues name", QUEUE),
    (f"-V {HOST} delete exchange name={EXCHANGE}", "exchange deleted"),
    (f"-V {HOST} delete policy name=pol", "policy deleted"),
    ("-u guest -p wrong list queues", "Access refused|not_authori"),
    ("close connection name=nosuch", "[Nn]ot found"),
    ("export all.json", "Exported definitions"),
    (f"delete vhost name={HOST}", "vhost deleted"),
    ("delete user name=rauser", "user deleted"),
]


def find_tool(directory):
    """Installed, or taken out of the package, which need not be installed for that."""
    found = next((path for place in PLACES for path in glob.glob(place)), None)
    if found is None:
        subprocess.run(["apt-get", "download", "--quiet", "rabbitmq-server"], cwd=directory, check=True, timeout=60)
        package, = glob.glob(os.path.join(directory, "rabbitmq-server*.deb"))
        subprocess.run(["dpkg", "--extract", package, directory], check=True, timeout=60)
        found = next((path for place in PLACES for path in glob.glob(directory + place)), None)
    check("rabbitmqadmin is there (Debian package rabbitmq-server)", found)
    return found


def rabbitmqadmin(tool, arguments, directory):
    address = urllib.parse.urlsplit(os.environ["MGMT_URL"])
    command = ["/usr/bin/python3", tool, "-H", address.hostname, "-P", str(address.port), *arguments.split()]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


@limit(90)
def test_every_kind_of_object():
    with tempfile.TemporaryDirectory() as directory:
        tool = find_tool(directory)
        for arguments, wanted in STEPS:
            printed = rabbitmqadmin(tool, arguments, directory)
            check(f"rabbitmqadmin {arguments}", re.search(wanted, printed.strip()), printed)
        with open(os.path.join(directory, "all.json"), encoding="utf-8") as file:
            exported = json.load(file)
        equal("the exported virtual hosts", [host["name"] for host in exported["vhosts"]], ["/", HOST])


if __name__ == "__main__":
    run_tests(globals())
