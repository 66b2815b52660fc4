"""The application of test_celery.py, for its worker and for the test: broker, results, and tasks."""

import os

from celery import Celery

app = Celery("jobs", broker=os.environ["JOBS_BROKER"], backend=os.environ["JOBS_BACKEND"])
app.conf.update(
    task_default_queue=os.environ["JOBS_QUEUE"],
    task_track_started=True,
    result_chord_retry_interval=0.1,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    broker_transport_options={"global_keyprefix": os.environ["JOBS_QUEUE"] + ":"},
)


@app.task
def add(a, b):
    return a + b


@app.task
def total(numbers):
    return sum(numbers)


@app.task
def fail():
    raise ValueError("as asked")


@app.task(bind=True, max_retries=2)
def third_time(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0.05)
    return self.request.retries
