"""Celery with a worker: tasks, results over rpc, retries, groups, remote control; and what flower asks the HTTP API."""
import asyncio
import os
import subprocess
import sys
import threading

VIRTUAL_HOST = "celery"  # flower cannot ask for the one named "/"
os.environ["AMQP_URL"] = os.environ["AMQP_URL"].rsplit("/", 1)[0] + "/" + VIRTUAL_HOST

from celery import group  # noqa: E402
from flower.utils.broker import Broker  # noqa: E402

import management  # noqa: E402
from checks import check, equal, eventually, limit, run_tests  # noqa: E402
from tasks import add, app, fails_once  # noqa: E402

PATIENCE = 30


def make_virtual_host():
    made = management.ask(os.environ["MGMT_URL"], "PUT", f"/vhosts/{VIRTUAL_HOST}", {})
    equal("status of the new virtual host", made.status, 201)


def start_worker():
    return subprocess.Popen([sys.executable, "-B", "-m", "celery", "-A", "tasks", "worker", "--pool=solo", "--events",
                             "--loglevel=WARNING", "--hostname=interop@here"], stdin=subprocess.DEVNULL)


def events_until(wanted, seen):
    """What flower listens to: the types of the worker's events, until all that are wanted have come."""
    with app.connection() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": lambda event: seen.add(event["type"])})
        for _ in receiver.itercapture(limit=None, timeout=PATIENCE, wakeup=True):
            if wanted <= seen:
                return


@limit(90)
def test_celery_and_flower():
    make_virtual_host()
    seen = set()
    listening = threading.Thread(target=events_until, daemon=True,
                                 args=({"worker-heartbeat", "task-received", "task-succeeded", "task-retried"}, seen))
    listening.start()
    worker = start_worker()
    try:
        equal("one task", add.delay(2, 3).get(timeout=PATIENCE), 5)
        equal("a group", group(add.s(i, i) for i in range(20))().get(timeout=PATIENCE), [2 * i for i in range(20)])
        equal("a task that is retried", fails_once.delay().get(timeout=PATIENCE), 1)
        equal("a task with a countdown", add.apply_async((1, 1), countdown=0.2).get(timeout=PATIENCE), 2)
        equal("ping by remote control", app.control.ping(timeout=2), [{"interop@here": {"ok": "pong"}}])
        stats = app.control.inspect(timeout=2).stats()
        equal("the worker's tasks", stats["interop@here"]["total"],
              {"tasks.add": 22, "tasks.fails_once": 2})
        listening.join(PATIENCE)
        check("the events that flower shows", {"task-received", "task-succeeded", "task-retried"} <= seen, seen)
    finally:
        worker.terminate()
        worker.wait(PATIENCE)
    for i in range(3):
        add.delay(i, i)  # nobody is there any more
    address = os.environ["MGMT_URL"].replace("http://", "http://guest:guest@") + "/api/"
    broker = Broker(os.environ["AMQP_URL"], http_api=address)

    def waiting():
        return [queue for queue in asyncio.run(broker.queues(["celery"])) if queue["messages"] == 3]

    queue, = eventually("flower sees the queue", waiting)
    wanted = {"messages_ready": 3, "messages_unacknowledged": 0, "consumers": 0}
    equal("what it shows of it", {key: queue[key] for key in wanted}, wanted)
    equal("purged", app.control.purge(), 3)


if __name__ == "__main__":
    run_tests(globals())
