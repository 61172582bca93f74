#!/usr/bin/python3
"""A Prometheus that runs and scrapes: targets are healthy, and questions as dashboards ask them have answers."""
import json
import os
import socket
import subprocess
import tempfile
import urllib.parse
import urllib.request

from checks import check, equal, eventually, limit, run_tests
from pika_client import connected

DASHBOARD = os.path.join(os.path.dirname(__file__), "../../docker/grafana/dashboards/leveret.json")
# As RabbitMQ's own dashboards ask: everything is joined with the names of node and cluster.
JOINED = ("sum({} * on(instance, job) group_left(rabbitmq_cluster, rabbitmq_node) rabbitmq_identity_info) "
          "by(rabbitmq_node)")
CONFIGURATION = """global: {{scrape_interval: 1s}}
scrape_configs:
- job_name: node
  basic_auth: &login {{username: guest, password: guest}}
  static_configs: &broker [{{targets: ["{broker}"]}}]
- job_name: objects
  metrics_path: /metrics/per-object
  basic_auth: *login
  static_configs: *broker
"""


class Prometheus:
    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="prometheus-")
        configuration = os.path.join(self.directory.name, "prometheus.yml")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(broker=urllib.parse.urlsplit(os.environ["MGMT_URL"]).netloc))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        with open(os.path.join(self.directory.name, "log"), "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={self.directory.name}/data",
                 f"--web.listen-address={self.address}"], stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()

    def ask(self, path, **parameters):
        """What it says; None while it does not answer."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def values(self, expression):
        answer = self.ask("query", query=expression)
        return [float(each["value"][1]) for each in answer["result"]] if answer else []


def expressions_of_the_dashboard():
    with open(DASHBOARD, encoding="utf-8") as file:
        panels = json.load(file)["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


@limit(60)
def test_a_running_prometheus_scrapes():
    with connected() as connection, Prometheus() as prometheus:
        channel = connection.channel()
        channel.queue_declare("scraped", exclusive=True)
        for _ in range(7):
            channel.basic_publish("", "scraped", b"x")
        eventually("both targets are up", lambda: prometheus.values("up") == [1.0, 1.0], within=30)
        eventually("messages of the node", lambda: prometheus.values(
            JOINED.format('rabbitmq_queue_messages_ready{job="node"}')) == [7.0])
        eventually("messages of the queue", lambda: prometheus.values(
            'rabbitmq_queue_messages_ready{job="objects",queue="scraped",vhost="/"}') == [7.0])
        expressions = expressions_of_the_dashboard()
        check("the dashboard asks", len(expressions) > 10, expressions)
        for expression in expressions:
            eventually(expression, lambda: prometheus.values(expression))
        equal("complaints", [each["lastError"] for each in prometheus.ask("targets")["activeTargets"]], ["", ""])


if __name__ == "__main__":
    run_tests(globals())
