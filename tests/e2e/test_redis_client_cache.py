"""redis-py's cache on the client's side, which it offers to servers of 7.4 and later."""

import time

import pytest
import redis
from redis.cache import CacheConfig


@pytest.fixture()
def pair(bodega):
    host, port = bodega.redis
    cached = redis.Redis(host=host, port=port, protocol=3, decode_responses=True,
                         cache_config=CacheConfig())
    plain = redis.Redis(host=host, port=port, decode_responses=True)
    plain.flushdb()
    yield cached, plain
    cached.close()
    plain.close()


def until(condition):
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_a_value_is_asked_for_once(pair):
    cached, plain = pair
    plain.set("key", "one")
    plain.config_resetstat()
    assert [cached.get("key") for _ in range(5)] == ["one"] * 5
    assert plain.info("commandstats")["cmdstat_get"]["calls"] == 1
    assert cached.get_cache().size == 1


def test_a_change_by_another_client_is_seen(pair):
    cached, plain = pair
    plain.hset("hash", "field", "one")
    assert cached.hget("hash", "field") == "one"
    plain.hset("hash", "field", "two")
    assert until(lambda: cached.hget("hash", "field") == "two")
    plain.flushdb()
    assert until(lambda: cached.hget("hash", "field") is None)
