"""DUMP payloads, RDB files and replication between Bodega and Debian's redis-server, both ways."""

import subprocess
import time

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
    for i in range(1, 300):
        client.xadd("stream", {"field": i, **({"other": "x"} if i % 9 == 0 else {})}, id=f"{i}-1")
    client.xdel("stream", "100-1")
    client.xgroup_create("stream", "group", id="0")
    client.xreadgroup("group", "consumer", {"stream": ">"}, count=20)
    client.xack("stream", "group", "3-1")


def contents(client):
    """What is there, in one form whatever the order of members."""
    read = {"string": client.get, "list": lambda key: client.lrange(key, 0, -1),
            "set": lambda key: sorted(client.smembers(key)), "hash": client.hgetall,
            "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
            "stream": lambda key: (client.xrange(key), client.xpending(key, "group"), [
                (group["name"], group["pending"], group["last-delivered-id"])
                for group in client.xinfo_groups(key)])}
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


def test_redis_cli_takes_a_snapshot(redis, bodega, tmp_path):
    fill(redis)
    path = tmp_path / "taken.rdb"
    subprocess.run(["redis-cli", "-p", str(bodega.redis[1]), "--rdb", str(path)], check=True,
                   capture_output=True, timeout=30)
    expected = contents(redis)
    with RedisServer("--dbfilename", "taken.rdb", folder=tmp_path) as other:
        loaded = contents(other.client)
    assert {key: value for key, (_, value) in loaded.items()} == {
        key: value for key, (_, value) in expected.items()}


def await_equal(ours, replica):
    """Until the replica has what we have, or the time is up."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if ours.wait(1, 1000) == 1 and contents(replica) == contents(ours):
            return
        time.sleep(0.05)
    assert contents(replica) == contents(ours)


def test_a_redis_server_follows_and_stays_in_sync(redis70, bodega):
    fill(redis70)
    with RedisServer("--replicaof", f"127.0.0.1 {bodega.redis[1]}") as other:
        replica = other.client
        await_equal(redis70, replica)
        state = redis70.info("replication")
        assert state["connected_slaves"] == 1
        assert state["slave0"]["state"] == "online"
        assert state["slave0"]["port"] == other.port
        assert redis70.execute_command("ROLE")[2][0][1] == str(other.port).encode()

        redis70.set("soon", 1, ex=100)
        redis70.expire("text", 500)
        redis70.set("past", 1, px=1)
        redis70.incrbyfloat("float", 0.1)
        redis70.hincrbyfloat("small hash", "float", 1.5)
        redis70.spop("large set", 100)
        redis70.spop("integers")
        redis70.getex("text", persist=True)
        redis70.getdel("empty")
        redis70.lmpop(1, "small list", direction="LEFT", count=2)
        redis70.zmpop(1, ["small zset"], max=True)
        redis70.restore("restored", 100_000, redis70.dump("large list"))
        with redis70.pipeline() as transaction:
            transaction.multi()
            transaction.incr("counter")
            transaction.lpush("queue", *range(100))
            transaction.execute()
        redis70.brpoplpush("queue", "other queue", 1)
        redis70.blpop("queue", 1)
        redis70.sort("queue", store="sorted")
        redis70.xadd("stream", {"more": 1}, maxlen=200, approximate=True)
        redis70.xreadgroup("group", "second", {"stream": ">"}, count=30)
        redis70.xautoclaim("stream", "group", "third", min_idle_time=0, count=5)
        time.sleep(0.01)
        assert redis70.get("past") is None
        await_equal(redis70, replica)
        assert 0 < replica.ttl("soon") <= 100
        assert replica.ttl("text") == -1
        assert replica.info("replication")["master_link_status"] == "up"


def test_a_replica_that_was_cut_off_goes_on_where_it_was(redis70, bodega):
    with RedisServer("--replicaof", f"127.0.0.1 {bodega.redis[1]}") as other:
        redis70.set("before", 1)
        await_equal(redis70, other.client)
        full = other.client.info("stats")
        redis70.client_kill_filter(_type="replica")
        redis70.set("meanwhile", 1)
        await_equal(redis70, other.client)
        assert other.client.info("stats")["sync_full"] == full["sync_full"]
        assert redis70.info("stats")["sync_partial_ok"] >= 1


def test_migrate_moves_keys_to_a_redis_server(redis, beside):
    port = beside.connection_pool.connection_kwargs["port"]
    fill(redis)
    redis.expire("text", 1000)
    expected = {key: value for key, (_, value) in contents(redis).items()}
    keys = redis.keys()
    assert redis.migrate("127.0.0.1", port, keys, 0, 5000) == b"OK"
    assert redis.keys() == []
    assert {key: value for key, (_, value) in contents(beside).items()} == expected
    assert 0 < beside.ttl("text") <= 1000
    redis.set("text", "again")
    with pytest.raises(redis_py.ResponseError, match="BUSYKEY"):
        redis.migrate("127.0.0.1", port, "text", 0, 5000)
    redis.migrate("127.0.0.1", port, "text", 0, 5000, copy=True, replace=True)
    assert redis.get("text") == beside.get("text") == b"again"
