"""Redis with redis-py, RESP2 and RESP3: types, expiry, transactions, pub/sub, blocking, scans."""

import threading
import time

import pytest
import redis as redis_py


def test_strings_and_counters(redis):
    assert redis.set("k", "v") and redis.get("k") == b"v"
    assert redis.set("k", "w", nx=True) is None
    assert redis.set("k", "w", get=True) == b"v"
    assert redis.incrby("n", 41) == 41 and redis.incr("n") == 42
    assert redis.incrbyfloat("f", "0.1") == 0.1
    redis.mset({"a": 1, "b": 2})
    assert redis.mget("a", "b", "c") == [b"1", b"2", None]
    redis.append("k", "!")
    assert redis.getrange("k", -1, -1) == b"!" and redis.strlen("k") == 2
    with pytest.raises(redis_py.ResponseError, match="not an integer"):
        redis.incr("k")


def test_binary_and_large_values(redis):
    value = bytes(range(256)) * 40_000
    redis.set(b"\x00\xff key", value)
    assert redis.get(b"\x00\xff key") == value


def test_expiry(redis):
    redis.set("k", "v", px=50)
    assert 0 < redis.pttl("k") <= 50
    redis.set("kept", "v")
    assert redis.ttl("kept") == -1 and redis.ttl("none") == -2
    assert redis.expire("kept", 100, nx=True) and not redis.expire("kept", 100, nx=True)
    assert redis.persist("kept")
    deadline = time.monotonic() + 5
    while redis.exists("k") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert redis.get("k") is None


def test_hashes(redis):
    assert redis.hset("h", mapping={"a": 1, "b": 2}) == 2
    assert redis.hgetall("h") == {b"a": b"1", b"b": b"2"}
    assert redis.hincrby("h", "a", 4) == 5
    assert redis.hmget("h", "a", "x") == [b"5", None]
    redis.hset("big", mapping={f"f{n}": n for n in range(2000)})
    assert len(dict(redis.hscan_iter("big"))) == 2000
    assert redis.hdel("h", "a", "b") == 2 and not redis.exists("h")


def test_lists(redis):
    redis.rpush("l", *range(10))
    assert redis.lrange("l", 0, 2) == [b"0", b"1", b"2"]
    assert redis.lpop("l", 2) == [b"0", b"1"] and redis.rpop("l") == b"9"
    redis.linsert("l", "before", 5, "x")
    assert redis.lpos("l", "x") == 3
    redis.ltrim("l", 0, 3)
    assert redis.llen("l") == 4
    assert redis.lmove("l", "m", "LEFT", "RIGHT") == b"2"


def test_sets(redis):
    redis.sadd("a", 1, 2, 3)
    redis.sadd("b", 2, 3, 4)
    assert redis.sinter("a", "b") == {b"2", b"3"}
    assert redis.sdiff("a", "b") == {b"1"}
    assert redis.sunionstore("c", "a", "b") == 4
    assert redis.smismember("a", 1, 9) == [1, 0]
    assert redis.sintercard(2, ["a", "b"], limit=1) == 1


def test_sorted_sets(redis):
    redis.zadd("z", {"a": 1, "b": 2, "c": 2.5})
    assert redis.zrange("z", 0, -1, withscores=True) == [(b"a", 1.0), (b"b", 2.0), (b"c", 2.5)]
    assert redis.zrangebyscore("z", "(1", "+inf") == [b"b", b"c"]
    assert redis.zrank("z", "c") == 2 and redis.zrevrank("z", "c") == 0
    assert redis.zincrby("z", 10, "a") == 11.0
    assert redis.zpopmax("z") == [(b"a", 11.0)]
    redis.zunionstore("u", ["z", "z"], aggregate="SUM")
    assert redis.zscore("u", "c") == 5.0


def test_resp3_has_its_types(redis3):
    redis3.hset("h", "f", "1")
    redis3.zadd("z", {"a": 0.1})
    redis3.sadd("s", "m")
    assert redis3.hgetall("h") == {b"f": b"1"}
    assert redis3.zscore("z", "a") == 0.1
    assert redis3.smembers("s") == {b"m"}
    assert redis3.zrange("z", 0, -1, withscores=True) == [[b"a", 0.1]]


def test_wrong_type(redis):
    redis.rpush("l", 1)
    with pytest.raises(redis_py.ResponseError, match="WRONGTYPE"):
        redis.get("l")


def test_unknown_command(redis):
    with pytest.raises(redis_py.ResponseError, match="unknown command 'NOSUCH'"):
        redis.execute_command("NOSUCH", "a")


def test_transactions_and_watch(redis, bodega):
    with redis.pipeline(transaction=True) as pipe:
        pipe.set("a", 1)
        pipe.incr("a")
        pipe.get("a")
        assert pipe.execute() == [True, 2, b"2"]
    other = redis_py.Redis(*bodega.redis)
    with redis.pipeline() as pipe:
        pipe.watch("a")
        other.set("a", 5)
        pipe.multi()
        pipe.set("a", 6)
        with pytest.raises(redis_py.WatchError):
            pipe.execute()
    assert redis.get("a") == b"5"


def test_pipelines_keep_their_order(redis):
    with redis.pipeline(transaction=False) as pipe:
        for number in range(5000):
            pipe.rpush("l", number)
        assert pipe.execute() == list(range(1, 5001))


def test_publish_subscribe(redis, bodega):
    listener = redis_py.Redis(*bodega.redis).pubsub()
    listener.subscribe("news")
    listener.psubscribe("n*")
    for _ in range(2):
        assert listener.get_message(timeout=5)["type"] in ("subscribe", "psubscribe")
    assert redis.publish("news", "hello") == 2
    got = [listener.get_message(timeout=5) for _ in range(2)]
    assert [(m["type"], m["data"]) for m in got] == [("message", b"hello"), ("pmessage", b"hello")]
    assert redis.pubsub_numsub("news") == [(b"news", 1)]
    listener.close()


def test_blocking_pop_is_served_and_times_out(redis, bodega):
    assert redis.blpop("none", timeout=0.05) is None
    got = []
    waiter = threading.Thread(
        target=lambda: got.append(redis_py.Redis(*bodega.redis).blpop(["x", "q"], timeout=10)))
    waiter.start()
    deadline = time.monotonic() + 5
    while redis.info("clients")["blocked_clients"] == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    redis.rpush("q", "job")
    waiter.join(5)
    assert got == [(b"q", b"job")]
    assert redis.llen("q") == 0


def test_scan_finds_every_key(redis):
    expected = {f"key:{n}".encode() for n in range(3000)}
    redis.mset(dict.fromkeys(expected, 1))
    assert set(redis.scan_iter(count=50)) == expected
    assert len(set(redis.scan_iter(match="key:1?"))) == 10
    assert redis.dbsize() == 3000


def test_databases_are_apart(bodega, redis):
    other = redis_py.Redis(*bodega.redis, db=3)
    other.set("only here", 1)
    assert redis.get("only here") is None and other.dbsize() == 1
    other.flushdb()


def test_info_counts_reads_and_writes_of_sockets(redis):
    before = redis.info("stats")
    with redis.pipeline(transaction=False) as pipeline:
        for i in range(200):
            pipeline.set(f"k{i}", "v")
        pipeline.execute()
    after = redis.info("stats")
    # One pipeline is few reads and few writes, whatever it has of commands.
    assert after["total_commands_processed"] - before["total_commands_processed"] >= 200
    for name in ("total_reads_processed", "total_writes_processed"):
        assert 2 <= after[name] - before[name] < 100


def test_introspection(redis):
    info = redis.info()
    for field in ("redis_version", "used_memory", "connected_clients", "role", "tcp_port"):
        assert field in info
    redis.client_setname("me")
    assert redis.client_getname() == "me" or redis.client_getname() == b"me"
    assert any(entry["name"] == "me" for entry in redis.client_list())
    assert redis.config_get("maxmemory") == {"maxmemory": "0"}
    assert redis.command_count() > 150
    assert redis.object("encoding", "none") is None
