#!/usr/bin/python3
"""What Prometheus scrapes, checked by its own promtool: every page, with traffic and odd names behind it."""
import base64
import fnmatch
import http.client
import os
import re
import subprocess
import urllib.parse

from checks import check, equal, run_tests
from pika_client import connected

# Every name of section 6.5 of the behaviour table; braces list endings.
PRESENT = """build_info identity_info connections channels consumers queues connections_{opened,closed}_total
channels_{opened,closed}_total queues_{declared,created,deleted}_total process_{open,max}_fds
process_{open,max}_tcp_sockets process_resident_memory_bytes resident_memory_limit_bytes disk_space_available_bytes
disk_space_available_limit_bytes erlang_processes_{used,limit} erlang_scheduler_{context_switches_total,run_queue}
erlang_net_ticktime_seconds erlang_uptime_seconds io_{read,write}_{ops,bytes}_total
auth_attempts_{total,succeeded_total,failed_total} queue_{messages_ready,messages_unacked,messages,consumers}
queue_consumer_{capacity,utilisation} queue_process_{memory_bytes,reductions_total} queue_messages_{ram,ram_bytes}
queue_messages_{ready,unacked}_ram queue_messages_{persistent,persistent_bytes,bytes,ready_bytes,unacked_bytes}
queue_messages_{paged_out,paged_out_bytes} queue_head_message_timestamp queue_get_{ack_total,total,empty_total}
queue_messages_{delivered_ack,delivered,redelivered,acked,published}_total channel_consumers channel_acks_uncommitted
channel_messages_{unacked,unconfirmed,uncommitted} consumer_prefetch channel_prefetch
channel_messages_{published,confirmed,unroutable_returned,delivered_ack,delivered,redelivered,acked}_total
channel_get_{ack_total,total,empty_total} channel_process_reductions_total
connection_{incoming,outgoing}_{bytes,packets}_total connection_pending_packets connection_channels
connection_process_reductions_total exchange_messages_{published,unroutable_returned,unroutable_dropped}_total
global_messages_{received,received_confirm,routed,unroutable_dropped,unroutable_returned,confirmed}_total
global_messages_{delivered,get_empty,redelivered,acknowledged}_total
global_messages_delivered_{consume,get}_{auto,manual}_ack_total
global_messages_dead_lettered_{delivery_limit,expired,maxlen,rejected}_total global_publishers global_consumers
alarms_{memory_used_watermark,free_disk_space_watermark,file_descriptor_limit}
message_size_bytes_{bucket,count,sum}"""
# Those that docs/MONITORING.md says are not there.
ABSENT = """erlang_gc_* io_{sync,seek,reopen}_* io_*_time_seconds_total msg_store_* queue_index_* schema_db_*
queue_disk_{reads,writes}_total stream_* channel_messages_unroutable_dropped_total
exchange_messages_confirmed_total queue_exchange_messages_published_total auth_attempts_detailed_*
global_messages_dead_lettered_confirmed_total raft_* erlang_vm_*"""
PAGES = ("/metrics", "/metrics/per-object",
         "/metrics/detailed?family=queue_coarse_metrics&family=queue_metrics&family=vhost_status&vhost=%2F",
         "/metrics/memory-breakdown")
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
            check(f"{page} tells of messages or memory", b"queue_messages_ready" in text or b"memory_other" in text,
                  text[:200])
            equal(f"promtool on {page}", complaints(text), [])


def expanded(names):
    """a_{b,c} is a_b and a_c."""
    for name in names.split():
        match = re.search(r"\{([^{}]*)\}", name)
        if match is None:
            yield name
        else:
            yield from expanded(" ".join(name.replace(match.group(), each, 1) for each in match.group(1).split(",")))


def test_every_name_is_there_or_said_to_be_absent():
    seen = set(re.findall(r"^rabbitmq_(\w+)", scrape("/metrics").decode(), re.MULTILINE))
    equal("names that are missing", sorted(set(expanded(PRESENT)) - seen), [])
    equal("names that are said to be absent", [name for name in expanded(ABSENT) if fnmatch.filter(seen, name)], [])
    with open(os.path.join(os.path.dirname(__file__), "../../docs/MONITORING.md"), encoding="utf-8") as file:
        document = file.read()
    equal("absent and not in the document", [name for name in ABSENT.split() if f"`{name}`" not in document], [])
    with connected() as connection:
        connection.channel().queue_declare("a queue", exclusive=True)
        info = re.findall(r"^rabbitmq_queue_info\{.*", scrape("/metrics/per-object").decode(), re.MULTILINE)
    check("queue_info is per object only", info and "queue_info" not in seen, info)
    memory = scrape("/metrics/memory-breakdown").decode()
    check("memory breakdown", "rabbitmq_memory_other_system_bytes" in memory, memory[:200])


def test_promtool_would_complain():
    check("a broken page is found", complaints(b"a{b} 1\n") != [], "")


if __name__ == "__main__":
    run_tests(globals())
