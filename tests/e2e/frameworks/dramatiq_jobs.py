"""The actors of test_dramatiq.py, for its worker and for the test."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import CurrentMessage
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

URL, NAMESPACE = os.environ["JOBS_BROKER"], os.environ["JOBS_QUEUE"]

broker = RedisBroker(url=URL, namespace=NAMESPACE)
broker.add_middleware(CurrentMessage())
broker.add_middleware(Results(backend=RedisBackend(url=URL, namespace=f"{NAMESPACE}-results")))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True)
def add(a, b):
    return a + b


@dramatiq.actor(store_results=True, max_retries=2, min_backoff=10, max_backoff=20)
def third_time():
    retries = CurrentMessage.get_current_message().options.get("retries", 0)
    if retries < 2:
        raise RuntimeError("again")
    return retries
