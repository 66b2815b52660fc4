"""The tasks of test_huey.py, for its consumer and for the test."""

import os

from huey import PriorityRedisHuey

huey = PriorityRedisHuey(os.environ["JOBS_QUEUE"], url=os.environ["JOBS_BROKER"])


@huey.task()
def add(a, b):
    return a + b


@huey.task(retries=1, retry_delay=0)
def fail():
    raise ValueError("as asked")
