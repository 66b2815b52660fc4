"""DUMP payloads and RDB files between Bodega and Debian's redis-server, both ways."""

import pytest
import redis as redis_py
from redis_server import RedisServer
from server import Server


@pytest.fixture(scope="module")
def redis_server():
    with RedisServer() as server:
        yield server.client


@pytest.fixture
def beside(redis_server):
    redis_server.flushall()
    yield redis_server


@pytest.fixture
def redis70(redis):
    """Bodega with the payloads and encodings of Redis 7.0."""
    redis.config_set("compatibility", "7.0")
    yield redis
    redis.config_set("compatibility", "7.2")


def fill(client):
    """Every type, small and large, and what its packed forms have to distinguish."""
    client.set("integer", 12345)
    client.set("long integer", 123456789012345678)
    client.set("text", "hello")
    client.set("repeated", "abc" * 1000)
    client.set("empty", "")
    client.set("binary", bytes(range(256)) * 3)
    client.set("soon", "later", px=3_600_000)
    client.rpush("small list", "a", "", 1, -5000, 70000, 1 << 40, "x" * 100)
    client.rpush("large list", *[f"element {i}" for i in range(3000)], "y" * 20000)
    client.sadd("integers", 1, -2, 300)
    client.sadd("wide integers", 1 << 40, -1)
    client.sadd("small set", "a", "b", 7)
    client.sadd("large set", *range(1000), *[f"member {i}" for i in range(1000)])
    client.hset("small hash", mapping={"f": "v", "n": 128, "": "empty"})
    client.hset("large hash", mapping={f"field {i}": i for i in range(1000)})
    client.zadd("small zset", {"a": 1, "b": 2.5, "c": float("inf"), "d": -1e300, "e": 0.1})
    client.zadd("large zset", {f"member {i}": i / 3 for i in range(1000)})


def contents(client):
    """What is there, in one form whatever the order of members."""
    read = {"string": client.get, "list": lambda key: client.lrange(key, 0, -1),
            "set": lambda key: sorted(client.smembers(key)), "hash": client.hgetall,
            "zset": lambda key: client.zrange(key, 0, -1, withscores=True)}
    return {key: (client.object("encoding", key), read[client.type(key).decode()](key))
            for key in client.keys()}


def test_dump_restores_on_redis_server(redis70, beside):
    fill(redis70)
    for key in redis70.keys():
        beside.restore(key, 0, redis70.dump(key))
    assert contents(beside) == contents(redis70)


def test_dump_of_redis_server_restores_here(redis70, beside):
    fill(beside)
    for key in beside.keys():
        redis70.restore(key, 0, beside.dump(key))
    assert contents(redis70) == contents(beside)


def test_redis_server_loads_our_file(tmp_path):
    with Server(data=tmp_path / "data") as server:
        ours = redis_py.Redis(*server.redis)
        ours.config_set("compatibility", "7.0")
        fill(ours)
        ours.select(3)
        ours.set("elsewhere", 1)
        ours.select(0)
        ours.bgsave()
        with RedisServer(folder=tmp_path / "data") as other:
            assert other.client.info("persistence")["rdb_last_load_keys_loaded"] == ours.dbsize() + 1
            assert contents(other.client) == contents(ours)
            assert 3_500_000 < other.client.pttl("soon") <= 3_600_000
            assert redis_py.Redis(port=other.port, db=3).get("elsewhere") == b"1"


def test_we_load_a_file_of_redis_server(tmp_path):
    with RedisServer(folder=tmp_path) as other:
        fill(other.client)
        other.client.save()
        expected = contents(other.client)
    with Server("--redis-import", str(tmp_path / "dump.rdb"), data=tmp_path / "data") as server:
        ours = redis_py.Redis(*server.redis)
        # The encodings of sets and lists are those of 7.2, whatever the file.
        assert {key: value for key, (_, value) in contents(ours).items()} == {
            key: value for key, (_, value) in expected.items()}
        assert 3_500_000 < ours.pttl("soon") <= 3_600_000
        ours.flushall()
        ours.set("mine", 1)
    with Server("--redis-import", str(tmp_path / "dump.rdb"), data=tmp_path / "data") as server:
        assert redis_py.Redis(*server.redis).keys() == [b"mine"]
        assert "left alone" in server.stderr()


def test_a_file_that_is_none_is_refused_at_the_start(tmp_path):
    (tmp_path / "dump.rdb").write_bytes(b"REDIS0010 and nothing else")
    with pytest.raises(RuntimeError, match="--redis-import: .*dump.rdb"):
        Server("--redis-import", str(tmp_path / "dump.rdb")).start()
