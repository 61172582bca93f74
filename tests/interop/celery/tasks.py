"""The tasks of the test, for its worker and for itself."""
import os

from celery import Celery

app = Celery("interop", broker=os.environ["AMQP_URL"], backend="rpc://")
app.conf.update(worker_send_task_events=True, task_send_sent_event=True, task_acks_late=True, task_queue_max_priority=5,
                broker_connection_retry_on_startup=True, worker_hijack_root_logger=False)


@app.task
def add(left, right):
    return left + right


@app.task(bind=True, max_retries=2)
def fails_once(self):
    if self.request.retries == 0:
        raise self.retry(countdown=0)
    return self.request.retries
