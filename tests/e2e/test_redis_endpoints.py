"""Several Redis endpoints in one process: each with its own data, settings and end."""

import time

import pytest
import redis as redis_py
import requests
from redis.backoff import NoBackoff
from redis.retry import Retry

from server import Server, address_of

pytestmark = pytest.mark.skipif("config.getoption('--endpoint') or config.getoption('--redis')",
                                reason="these tests start their own servers")

THREE = ("--redis", "127.0.0.1:0,cache=127.0.0.1:0,sessions=127.0.0.1:0")


def connect(server, name=""):
    """A client of the endpoint of that name."""
    label = f"{name}=" if name else ""
    line = next(line for line in server.lines if line.startswith(f"{label}redis://"))
    return redis_py.Redis(*address_of(line), decode_responses=True, retry=Retry(NoBackoff(), 0))


def test_they_do_not_see_each_other(tmp_path):
    with Server(*THREE, data=tmp_path / "data") as server:
        main, cache, sessions = (connect(server, name) for name in ("", "cache", "sessions"))
        main.set("key", "main")
        cache.set("key", "cache")
        cache.hset("user", mapping={"name": "Ada"})
        assert (main.get("key"), cache.get("key"), sessions.get("key")) == ("main", "cache", None)
        assert (main.dbsize(), cache.dbsize(), sessions.dbsize()) == (1, 2, 0)
        main.flushall()
        assert cache.dbsize() == 2
        cache.config_set("maxmemory", 10_000_000)
        assert main.config_get("maxmemory") == {"maxmemory": "0"}
        assert [one["addr"] for one in sessions.client_list()] != []
        assert len(sessions.client_list()) == 1
        listener = cache.pubsub(ignore_subscribe_messages=True)
        listener.subscribe("news")
        listener.get_message(timeout=5)
        assert main.publish("news", "for nobody") == 0
        assert cache.publish("news", "here") == 1
        assert listener.get_message(timeout=5)["data"] == "here"


def test_each_keeps_its_data_over_a_kill(tmp_path):
    with Server(*THREE, data=tmp_path / "data") as server:
        for name in ("", "cache", "sessions"):
            client = connect(server, name)
            client.set("name", name or "main")
            client.rpush("list", *range(100))
        server.kill()
        server.start()
        for name in ("", "cache", "sessions"):
            client = connect(server, name)
            assert client.get("name") == (name or "main")
            assert client.llen("list") == 100
        assert requests.post(server.http + "/_bodega/verify").json()["keys"] == 6
    # The data of an endpoint that is not served stays, and the log tells of it.
    with Server("--redis", "127.0.0.1:0,cache=127.0.0.1:0", data=tmp_path / "data") as server:
        assert connect(server).get("name") == "main"
        unserved = [line for line in server.stderr().splitlines() if "no --redis" in line]
        assert len(unserved) == 1 and 'the keyspace "sessions"' in unserved[0]
    with Server(*THREE, data=tmp_path / "data") as server:
        assert connect(server, "cache").get("name") == "cache"


def test_shutdown_ends_one_and_the_first_ends_all():
    with Server(*THREE) as server:
        main, cache, sessions = (connect(server, name) for name in ("", "cache", "sessions"))
        assert sessions.ping()
        cache.shutdown()
        with pytest.raises(redis_py.ConnectionError):
            connect(server, "cache").ping()
        assert main.ping() and sessions.ping()
        assert server.process.poll() is None
        main.shutdown()
        assert server.process.wait(20) == 0


def test_metrics_carry_the_name():
    with Server(*THREE) as server:
        connect(server, "cache").set("key", "value")
        wanted = 'bodega_requests_total{service="redis",operation="set",endpoint="cache"} 1'
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            text = requests.get(server.http + "/_bodega/metrics").text
            if wanted in text:
                break
            time.sleep(0.1)
        assert wanted in text
        assert 'operation="set"}' not in text
