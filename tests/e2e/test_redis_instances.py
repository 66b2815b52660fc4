"""Redis instances that are made and ended while the process runs: /_bodega/redis."""

from pathlib import Path

import pytest
import redis as redis_py
import requests
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from server import Server, address_of

pytestmark = pytest.mark.skipif("config.getoption('--endpoint') or config.getoption('--redis')",
                                reason="these tests start their own servers")

INSTANCES = 100
MOST_BYTES_EACH = 3_000_000


def make(server, **wanted):
    return requests.post(server.http + "/_bodega/redis", params=wanted)


def end(server, **which):
    return requests.delete(server.http + "/_bodega/redis", params=which)


def names(server):
    return [one["name"] for one in requests.get(server.http + "/_bodega/redis").json()["redis"]]


def connect(made):
    return redis_py.Redis(*address_of(made.json()["addresses"][0]), decode_responses=True,
                          retry=Retry(NoBackoff(), 0))


def test_one_is_made_listed_used_and_ended(tmp_path):
    with Server(data=tmp_path / "data") as server:
        assert names(server) == [""]
        made = make(server, name="cache", maxmemory="10mb", **{"maxmemory-policy": "allkeys-lru"})
        assert made.status_code == 201
        cache = connect(made)
        assert cache.config_get("maxmemory*")["maxmemory"] == str(10 * 1024 * 1024)
        cache.set("k", "v")
        assert redis_py.Redis(*server.redis).get("k") is None
        assert names(server) == ["", "cache"]
        assert made.json()["addresses"][0] in requests.get(
            server.http + "/_bodega/status").json()["addresses"]
        assert end(server, name="cache").json() == {"ended": "cache"}
        assert names(server) == [""]
        with pytest.raises(redis_py.ConnectionError):
            cache.get("k")
        # The port is free at once, and the name begins empty.
        again = make(server, name="cache", address=made.json()["addresses"][0][len("redis://"):])
        assert again.status_code == 201
        assert connect(again).dbsize() == 0


def test_its_data_is_kept_on_demand_and_over_a_kill(tmp_path):
    with Server(data=tmp_path / "data") as server:
        connect(make(server, name="cache")).set("k", "v")
        assert end(server, name="cache", data="keep").status_code == 200
        assert connect(make(server, name="cache")).get("k") == "v"
        connect(make(server, name="gone")).set("k", "v")
        end(server, name="gone")
        server.kill()
        server.start()
        # It is not there before it is made again.
        assert names(server) == [""]
        assert connect(make(server, name="cache")).get("k") == "v"
        assert connect(make(server, name="gone")).dbsize() == 0
        assert requests.post(server.http + "/_bodega/verify").json()["damages"] == 0


def test_a_cluster_can_be_made():
    with Server() as server:
        made = make(server, name="shards", cluster="2x1")
        assert made.json()["cluster"] == {"masters": 2, "replicas": 1}
        assert len(made.json()["addresses"]) == 4
        client = RedisCluster(*address_of(made.json()["addresses"][0]), decode_responses=True)
        for i in range(20):
            client.set(f"k{i}", i)
        assert [client.get(f"k{i}") for i in range(20)] == [str(i) for i in range(20)]


def test_shutdown_ends_it_and_it_can_be_made_anew():
    with Server() as server:
        cache = connect(make(server, name="cache"))
        cache.set("k", "v")
        cache.shutdown()
        for _ in range(100):
            if names(server) == [""]:
                break
        assert names(server) == [""]
        assert connect(make(server, name="cache")).get("k") == "v"
        assert server.process.poll() is None


def test_reset_and_metrics_know_them():
    with Server() as server:
        connect(make(server, name="cache")).set("k", "v")
        assert 'endpoint="cache"' in requests.get(server.http + "/_bodega/metrics").text
        requests.post(server.http + "/_bodega/reset", params={"service": "redis"})
        assert names(server) == ["", "cache"]
        assert redis_py.Redis(*server.redis).dbsize() == 0


@pytest.mark.parametrize("wanted, status, said", [
    ({}, 400, "name="),
    ({"name": "Cache"}, 400, "name="),
    ({"name": "c", "address": "nowhere"}, 400, "no ADDR:PORT"),
    ({"name": "c", "cluster": "3x9"}, 400, "no shape"),
    ({"name": "c", "maxmemory": "much"}, 400, "maxmemory"),
    ({"name": "c", "nosuch": "1"}, 400, "nosuch"),
])
def test_what_makes_no_sense_is_refused(wanted, status, said):
    with Server() as server:
        refused = make(server, **wanted)
        assert refused.status_code == status and said in refused.json()["error"]
        assert names(server) == [""]


def test_a_name_or_a_port_that_is_taken_is_refused():
    with Server() as server:
        made = make(server, name="cache")
        assert make(server, name="cache").status_code == 400
        taken = made.json()["addresses"][0][len("redis://"):]
        assert make(server, name="other", address=taken).status_code == 409
        assert names(server) == ["", "cache"]
        assert end(server, name="").status_code == 404
        assert end(server, name="nosuch").status_code == 404
        assert requests.put(server.http + "/_bodega/redis").status_code == 405


def test_an_empty_one_costs_little(tmp_path):
    with Server(data=tmp_path / "data") as server:
        threads = len(list(threads_of(server)))
        before = server.rss_bytes()
        made = [make(server, name=f"cache-{i}") for i in range(INSTANCES)]
        assert all(connect(one).ping() for one in made)
        each = (server.rss_bytes() - before) / INSTANCES
        print(f"{each / 1e6:.2f} MB each")
        assert each < MOST_BYTES_EACH
        assert len(list(threads_of(server))) <= threads + 4


def threads_of(server):
    return Path(f"/proc/{server.pid}/task").iterdir()
