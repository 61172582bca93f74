#!/usr/bin/python3
"""What Prometheus scrapes, checked by its own promtool: every page, with traffic and odd names behind it."""
import base64
import http.client
import os
import subprocess
import urllib.parse

from checks import check, equal, run_tests
from pika_client import connected

PAGES = ("/metrics", "/metrics/per-object",
         "/metrics/detailed?family=queue_coarse_metrics&family=queue_metrics&family=vhost_status&vhost=%2F")
# What promtool's lint says against RabbitMQ's names, which are what they are.
KNOWN = ("counter metrics should", "non-counter metrics should", "no help text", "use base unit",
         "metric names should not", "should not have")


def scrape(page):
    host = urllib.parse.urlsplit(os.environ["MGMT_URL"]).netloc
    connection = http.client.HTTPConnection(host, timeout=15)
    connection.request("GET", page, headers={"Authorization": "Basic " + base64.b64encode(b"guest:guest").decode()})
    answer = connection.getresponse()
    equal(f"status of {page}", answer.status, 200)
    equal(f"type of {page}", answer.headers["Content-Type"], "text/plain; version=0.0.4")
    return answer.read()


def complaints(text):
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    lines = (checked.stdout + checked.stderr).decode().splitlines()
    return [line for line in lines if line and not any(known in line for known in KNOWN)]


def test_every_page_is_well_formed():
    with connected() as connection:
        channel = connection.channel()
        for name in ("plain", 'quote"back\\slash', "{brace}", "\u00fc"):
            channel.queue_declare(name, exclusive=True)
            channel.basic_publish("", name, b"1")
        channel.basic_get("plain")
        for page in PAGES:
            text = scrape(page)
            check(f"{page} tells of messages", b"queue_messages_ready" in text, text[:200])
            equal(f"promtool on {page}", complaints(text), [])


def test_promtool_would_complain():
    check("a broken page is found", complaints(b"a{b} 1\n") != [], "")


if __name__ == "__main__":
    run_tests(globals())
