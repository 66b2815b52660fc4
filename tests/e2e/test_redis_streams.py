"""Streams with redis-py: both protocols, groups, blocked readers, and workers that are killed."""

import os
import subprocess
import sys
import threading
import time

import pytest
import redis as redis_py

from server import Server

WORKER = """
import sys, time
import redis
client = redis.Redis(port=int(sys.argv[1]), decode_responses=True)
while True:
    for _, entries in client.xreadgroup("workers", "doomed", {"jobs": ">"}, count=3, block=1000):
        for id, fields in entries:
            client.rpush("seen", id)
            print(id, flush=True)
            time.sleep(3600)
"""


@pytest.fixture(params=[2, 3])
def stream_client(redis, request):
    settings = redis.connection_pool.connection_kwargs
    client = redis_py.Redis(host=settings["host"], port=settings["port"], protocol=request.param,
                            decode_responses=True)
    yield client
    client.close()


def flat(reply):
    """XREAD's answer in either protocol: entries by stream."""
    if isinstance(reply, dict):
        return {key: entries[0] for key, entries in reply.items()}
    return dict(reply)


def test_entries_and_ranges(stream_client):
    client = stream_client
    ids = [client.xadd("s", {"n": n}, id=f"{n}-0") for n in range(1, 11)]
    assert client.xlen("s") == 10
    assert client.xrange("s", min="3", max="4") == [("3-0", {"n": "3"}), ("4-0", {"n": "4"})]
    assert [id for id, _ in client.xrevrange("s", count=2)] == ["10-0", "9-0"]
    assert client.xdel("s", ids[0]) == 1 and client.xtrim("s", maxlen=5, approximate=False) == 4
    info = client.xinfo_stream("s")
    assert info["length"] == 5 and info["entries-added"] == 10
    assert info["max-deleted-entry-id"] == "1-0"
    full = client.xinfo_stream("s", full=True)
    assert full["length"] == 5
    assert client.object("encoding", "s") == "stream" and client.type("s") == "stream"
    assert client.memory_usage("s") > 0 and list(client.scan_iter(_type="stream")) == ["s"]


def test_copies_and_renames_keep_groups(stream_client):
    client = stream_client
    client.xgroup_create("s", "g", id="0", mkstream=True)
    client.xadd("s", {"f": "v"}, id="1-0")
    client.xreadgroup("g", "c", {"s": ">"})
    assert client.copy("s", "copy") and client.rename("s", "other")
    for key in ("copy", "other"):
        assert client.xpending(key, "g")["pending"] == 1
        assert client.xinfo_groups(key)[0]["entries-read"] == 1
        assert [one["name"] for one in client.xinfo_consumers(key, "g")] == ["c"]
    client.xack("copy", "g", "1-0")
    assert client.xpending("other", "g")["pending"] == 1


def test_group_shares_entries_out(stream_client):
    client = stream_client
    client.xgroup_create("s", "g", id="$", mkstream=True)
    for n in range(6):
        client.xadd("s", {"n": n}, id=f"{n + 1}-0")
    first = flat(client.xreadgroup("g", "one", {"s": ">"}, count=4))["s"]
    second = flat(client.xreadgroup("g", "two", {"s": ">"}))["s"]
    assert [id for id, _ in first] == ["1-0", "2-0", "3-0", "4-0"]
    assert [id for id, _ in second] == ["5-0", "6-0"]
    assert client.xack("s", "g", "1-0", "5-0") == 2
    assert client.xpending("s", "g")["consumers"] == [{"name": "one", "pending": 3},
                                                      {"name": "two", "pending": 1}]
    assert [one["message_id"] for one in client.xpending_range("s", "g", "-", "+", 10, "two")] == \
        ["6-0"]
    assert client.xclaim("s", "g", "two", 0, ["2-0"]) == [("2-0", {"n": "1"})]
    next_id, claimed, gone = client.xautoclaim("s", "g", "two", 0, count=10)
    assert next_id == "0-0" and len(claimed) == 4 and gone == []
    assert client.xinfo_groups("s")[0]["lag"] == 0
    with pytest.raises(redis_py.ResponseError, match="BUSYGROUP"):
        client.xgroup_create("s", "g")


def test_blocked_readers_are_woken(stream_client):
    client = stream_client
    client.xgroup_create("s", "g", id="$", mkstream=True)
    answers = {}

    def read(name, command):
        try:
            answers[name] = command()
        except redis_py.ResponseError as error:
            answers[name] = str(error)

    readers = [
        threading.Thread(target=read, args=(
            "plain", lambda: flat(client.xread({"s": "$"}, block=5000)))),
        threading.Thread(target=read, args=(
            "group", lambda: flat(client.xreadgroup("g", "c", {"s": ">"}, block=5000)))),
    ]
    for reader in readers:
        reader.start()
    deadline = time.monotonic() + 5
    while client.info("clients")["blocked_clients"] < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    client.xadd("s", {"f": "v"}, id="9-9")
    for reader in readers:
        reader.join(5)
    assert answers == {"plain": {"s": [("9-9", {"f": "v"})]}, "group": {"s": [("9-9", {"f": "v"})]}}

    waiting = threading.Thread(target=read, args=(
        "deleted", lambda: client.xreadgroup("g", "c", {"s": ">"}, block=5000)))
    waiting.start()
    while client.info("clients")["blocked_clients"] < 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    client.delete("s")
    waiting.join(5)
    assert answers["deleted"].startswith("NOGROUP No such key 's'")


def test_a_killed_worker_loses_nothing_and_neither_does_a_killed_server(tmp_path):
    """The entries of a worker that died are pending, also after the server was killed, and another
    worker gets them by XAUTOCLAIM."""
    with Server(data=tmp_path / "data") as server:
        client = redis_py.Redis(*server.redis, decode_responses=True)
        client.xgroup_create("jobs", "workers", id="0", mkstream=True)
        for n in range(1, 6):
            client.xadd("jobs", {"n": n}, id=f"{n}-0")
        worker = subprocess.Popen([sys.executable, "-c", WORKER, str(server.redis[1])],
                                  stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        assert worker.stdout.readline().strip() == "1-0"
        worker.kill()
        worker.wait()
        server.kill()
        server.start()
        client = redis_py.Redis(*server.redis, decode_responses=True)
        assert client.lrange("seen", 0, -1) == ["1-0"]
        _, claimed, gone = client.xautoclaim("jobs", "workers", "heir", 0)
        assert [id for id, _ in claimed] == ["1-0", "2-0", "3-0"] and gone == []
        rest = flat(client.xreadgroup("workers", "heir", {"jobs": ">"}))["jobs"]
        assert [id for id, _ in rest] == ["4-0", "5-0"]
        assert client.xack("jobs", "workers", *[f"{n}-0" for n in range(1, 6)]) == 5
        assert client.xpending("jobs", "workers")["pending"] == 0
        assert client.xinfo_stream("jobs")["last-generated-id"] == "5-0"
        client.close()
