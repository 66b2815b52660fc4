"""Scripts and functions with redis-py: EVALSHA with its way back to EVAL, Lock, pipelines, scripts that
take long, and what is left after a restart."""

import tempfile
import threading
import time

import pytest
import redis as redis_py
from server import Server

LIBRARY = """#!lua name=counters
redis.register_function('add', function(keys, args)
  return redis.call('INCRBY', keys[1], args[1])
end)
"""


def connect(server, **settings):
    return redis_py.Redis(*server.redis, **settings)


def test_a_registered_script_is_sent_once(redis):
    redis.script_flush()
    script = redis.register_script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert script(keys=["n"], args=[2]) == 2 and script(keys=["n"], args=[3]) == 5
    assert redis.script_exists(script.sha) == [True]
    redis.script_flush()
    assert script(keys=["n"], args=[1]) == 6
    with pytest.raises(redis_py.exceptions.NoScriptError):
        redis.evalsha("0" * 40, 0)


def test_scripts_in_a_pipeline(redis):
    script = redis.register_script("return {KEYS[1], ARGV[1]}")
    with redis.pipeline() as pipe:
        pipe.set("k", "v")
        script(keys=["a"], args=["b"], client=pipe)
        assert pipe.execute() == [True, [b"a", b"b"]]


def test_lock(redis):
    lock = redis.lock("lock", timeout=10)
    assert lock.acquire(blocking=False) and redis.ttl("lock") > 0
    assert not redis.lock("lock", timeout=10).acquire(blocking=False)
    assert lock.extend(20) and redis.ttl("lock") > 10
    lock.release()
    assert not redis.exists("lock")
    with pytest.raises(redis_py.exceptions.LockError):
        lock.release()


def test_lock_keeps_threads_apart(redis):
    inside = []

    def work():
        for _ in range(10):
            with redis.lock("lock", timeout=10, sleep=0.001):
                inside.append(1)
                assert len(inside) == 1
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not redis.exists("lock")


def test_values_both_ways(redis3):
    redis3.hset("h", mapping={"f": "v"})
    assert redis3.eval("redis.setresp(3); return redis.call('HGETALL', KEYS[1])", 1, "h") == {
        b"f": b"v"}
    packed = redis3.eval("return cmsgpack.pack({1, 2, {a = 'b'}})", 0)
    assert redis3.eval("return cjson.encode(cmsgpack.unpack(ARGV[1]))", 0, packed) == b'[1,2,{"a":"b"}]'
    assert redis3.eval("return struct.unpack('>I2', ARGV[1])", 0, b"\x01\x02") == 258


def test_functions(redis):
    redis.function_flush()
    assert redis.function_load(LIBRARY) == b"counters"
    assert redis.fcall("add", 1, "n", 5) == 5
    with pytest.raises(redis_py.ResponseError, match="already exists"):
        redis.function_load(LIBRARY)
    redis.flushall()
    assert redis.fcall("add", 1, "n", 5) == 5
    redis.function_delete("counters")
    with pytest.raises(redis_py.ResponseError, match="Function not found"):
        redis.fcall("add", 1, "n", 5)


def when_busy(redis):
    """Waits until a script keeps the server busy."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            redis.ping()
        except redis_py.exceptions.ResponseError as error:
            assert str(error).startswith("BUSY") or "busy running a script" in str(error)
            return
        time.sleep(0.01)
    raise AssertionError("no script keeps the server busy")


def start_endless(server, script, results):
    def run():
        try:
            results.append(connect(server).eval(script, 1, "k"))
        except redis_py.exceptions.RedisError as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_script_that_takes_long_is_killed():
    with Server() as server:
        redis = connect(server)
        redis.config_set("busy-reply-threshold", 10)
        results = []
        thread = start_endless(server, "while true do pcall(redis.call, 'PING') end", results)
        when_busy(redis)
        late = connect(server)
        with pytest.raises(redis_py.exceptions.ResponseError, match="busy running a script"):
            late.get("k")
        assert late.script_kill()
        thread.join(10)
        assert "Script killed by user" in str(results[0])
        assert redis.ping() and late.set("k", "v")


def test_a_script_that_has_written_is_ended_with_the_server_and_leaves_nothing():
    with tempfile.TemporaryDirectory() as folder:
        with Server(data=folder) as server:
            redis = connect(server)
            redis.set("k", "before")
            redis.config_set("busy-reply-threshold", 10)
            results = []
            thread = start_endless(
                server, "redis.call('SET', KEYS[1], 'half'); while true do end", results)
            when_busy(redis)
            with pytest.raises(redis_py.exceptions.ResponseError, match="UNKILLABLE"):
                redis.script_kill()
            with pytest.raises(redis_py.exceptions.ResponseError, match="busy running a script"):
                redis.shutdown(save=True)
            redis.shutdown(nosave=True)
            thread.join(10)
            assert len(results) == 1 and isinstance(results[0], Exception)
        with Server(data=folder) as server:
            assert connect(server).get("k") == b"before"


def test_functions_and_what_scripts_did_are_there_after_a_kill():
    with tempfile.TemporaryDirectory() as folder:
        with Server(data=folder) as server:
            redis = connect(server)
            redis.function_load(LIBRARY)
            redis.function_load("#!lua name=gone\nredis.register_function('gone', function() end)")
            redis.function_delete("gone")
            redis.flushall()
            redis.fcall("add", 1, "n", 7)
            redis.eval("for i = 1, 1000 do redis.call('RPUSH', KEYS[1], i) end", 1, "l")
            server.kill()
        with Server(data=folder) as server:
            redis = connect(server)
            assert redis.llen("l") == 1000
            assert redis.fcall("add", 1, "n", 1) == 8
            assert [library[1] for library in redis.function_list()] == [b"counters"]
