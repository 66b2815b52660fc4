"""What one request may cost the others: memory that is not there, values of half a gigabyte."""

import json
import resource
import socket
import threading
import time

import pytest
import redis as redis_py
import requests

from server import Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint')",
                                reason="these tests start their own servers")

MIB = 1 << 20
ADDRESS_SPACE_BYTES = 700_000_000


def connect(server):
    host, port = server.redis
    return redis_py.Redis(host=host, port=port, socket_timeout=60)


def limit_address_space(server):
    resource.prlimit(server.pid, resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))


def test_redis_without_memory_refuses_the_request_and_serves_everyone_else(tmp_path):
    with Server("--threads", "1", data=tmp_path) as server:
        other = connect(server)
        other.set("small", "v")
        limit_address_space(server)
        stored, refused = {}, 0
        for size in (30 * MIB, 100 * MIB, 200 * MIB, 500 * MIB):
            for i in range(4):
                key = f"big-{size}-{i}"
                try:
                    connect(server).set(key, b"x" * size)
                    stored[key] = size
                except (redis_py.exceptions.RedisError, OSError):
                    refused += 1
                assert other.get("small") == b"v"
        assert refused > 0
        # A reply for which there is no memory is an error too.
        for key in stored:
            try:
                assert len(connect(server).get(key)) == stored[key]
            except (redis_py.exceptions.RedisError, OSError):
                pass
            assert other.get("small") == b"v"
        other.set("after", "w")
        assert server.process.poll() is None
        server.kill()
    with Server(data=tmp_path) as server:
        client = connect(server)
        assert client.get("small") == b"v" and client.get("after") == b"w"
        for key, size in stored.items():
            assert client.strlen(key) == size
        assert client.dbsize() == 2 + len(stored)


def test_http_without_memory_answers_errors_and_goes_on(tmp_path):
    with Server("--threads", "1", data=tmp_path) as server:
        limit_address_space(server)
        headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, "
                                    "SignedHeaders=host, Signature=0"}
        assert requests.put(f"{server.http}/bucket", headers=headers).status_code == 200
        target = {"X-Amz-Target": "DynamoDB_20120810.PutItem",
                  "Content-Type": "application/x-amz-json-1.0",
                  "Authorization": headers["Authorization"].replace("/s3/", "/dynamodb/")}
        body = json.dumps({"TableName": "t", "Item": {"k": {"L": [{"N": "1"}] * 700_000}}})
        filler = [connect(server) for _ in range(8)]
        for i, client in enumerate(filler):
            try:
                client.set(f"filler{i}", b"x" * (50 * MIB))
            except (redis_py.exceptions.RedisError, OSError):
                pass
        for _ in range(4):
            try:
                assert requests.post(server.http, data=body, headers=target).status_code >= 400
            except requests.ConnectionError:
                pass
            assert requests.get(f"{server.http}/bucket", headers=headers).status_code in (200, 500, 503)
        connections = []
        for _ in range(200):
            connections.append(socket.create_connection(server.http_address))
        for connection in connections:
            connection.close()
        assert server.process.poll() is None


def test_a_huge_sparse_string_costs_nobody_else_a_second(tmp_path):
    with Server(data=tmp_path) as server:
        client, other = connect(server), connect(server)
        other.set("small", "v")
        waits, done = [], threading.Event()

        def probe():
            while not done.is_set():
                began = time.monotonic()
                assert other.get("small") == b"v"
                waits.append(time.monotonic() - began)

        thread = threading.Thread(target=probe)
        thread.start()
        assert client.setrange("x", 536870911, "a") == 536870912
        done.set()
        thread.join()
        assert max(waits) < 2
        assert server.rss_bytes() < 600 * MIB
        server.kill()
    with Server(data=tmp_path) as server:
        client = connect(server)
        assert client.strlen("x") == 536870912
        assert client.getrange("x", 536870900, -1) == b"\0" * 11 + b"a"


def request(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def test_large_changes_that_are_killed_half_way_are_there_whole_or_not_at_all(tmp_path):
    value = b"0123456789abcdef" * (4 * MIB)
    pushes = 600_000
    large = {"APPEND": request(b"APPEND", b"x", value),
             "RPUSH": request(b"RPUSH", b"l", *[b"a longish element of a list %09d" % i
                                                for i in range(pushes)])}
    seen = set()
    for delay_s in (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8):
        for name, sent in large.items():
            folder = tmp_path / f"{name}-{delay_s}"
            with Server(data=folder) as server:
                client = connect(server)
                client.set("x", "old")
                client.rpush("l", "first")
                sender = socket.create_connection(server.redis)
                sender.sendall(sent)
                time.sleep(delay_s)
                server.kill()
            with Server(data=folder) as server:
                client = connect(server)
                assert client.strlen("x") in (3, 3 + len(value))
                assert client.getrange("x", 0, 2) == b"old"
                assert client.getrange("x", 3, 18) in (b"", value[:16])
                assert client.lindex("l", 0) == b"first"
                assert client.llen("l") in (1, 1 + pushes)
                seen.add((name, client.strlen("x") > 3 or client.llen("l") > 1))
    assert ("APPEND", False) in seen or ("RPUSH", False) in seen  # one at least was cut short


def test_a_large_request_has_its_turn_while_others_write_without_pause(tmp_path):
    with Server(data=tmp_path) as server:
        done = threading.Event()

        def write(key):
            client = connect(server)
            while not done.is_set():
                pipeline = client.pipeline(transaction=False)
                for _ in range(50):
                    pipeline.set(key, "v")
                pipeline.execute()

        threads = [threading.Thread(target=write, args=(f"k{i}",)) for i in range(3)]
        for thread in threads:
            thread.start()
        try:
            client = connect(server)
            for _ in range(5):
                assert client.set("large", b"x" * (3 * MIB))
        finally:
            done.set()
            for thread in threads:
                thread.join()


@pytest.mark.parametrize("durability", ["process", "power"])
def test_a_huge_dense_string_is_written_while_others_are_served(tmp_path, durability):
    value = b"0123456789abcdef" * (12 * MIB)
    with Server("--durability", durability, data=tmp_path) as server:
        client, other = connect(server), connect(server)
        other.set("small", "v")
        replied = threading.Event()
        served, waits = [0], []

        def probe():
            while not replied.is_set():
                began = time.monotonic()
                assert other.get("small") == b"v" and other.incr("count") and other.ping()
                waits.append(time.monotonic() - began)
                served[0] += 1

        sender = socket.create_connection(server.redis)
        sender.sendall(request(b"SET", b"dense", value)[:-2])
        thread = threading.Thread(target=probe)
        thread.start()
        # From here on the request is whole: what is served now is served while it is written.
        before = served[0]
        sender.sendall(b"\r\n")
        assert sender.recv(100) == b"+OK\r\n"
        between = served[0] - before
        replied.set()
        thread.join()
        # Each takes a turn between two slices, of which there are 48; in one go it would be one.
        assert between >= 5
        assert max(waits) < 2
        assert client.strlen("dense") == len(value)
        assert int(other.get("count")) == served[0]
        server.kill()
    with Server(data=tmp_path) as server:
        client = connect(server)
        assert client.strlen("dense") == len(value)
        assert client.getrange("dense", len(value) - 16, -1) == value[-16:]


def test_a_kill_while_a_huge_dense_string_is_written_leaves_nothing_of_it(tmp_path):
    value = b"0123456789abcdef" * (12 * MIB)
    cut_short = 0
    for delay_s in (0.1, 0.2, 0.3, 0.4):
        folder = tmp_path / str(delay_s)
        with Server(data=folder) as server:
            client = connect(server)
            client.set("dense", "old")
            sender = socket.create_connection(server.redis)
            sender.sendall(request(b"SET", b"dense", value))
            count = 0
            deadline = time.monotonic() + delay_s
            while time.monotonic() < deadline:
                count = client.incr("count")
            server.kill()
        with Server(data=folder) as server:
            client = connect(server)
            length = client.strlen("dense")
            assert length in (3, len(value))
            assert client.getrange("dense", 0, 2) == (b"old" if length == 3 else value[:3])
            assert int(client.get("count") or 0) == count
            cut_short += length == 3
            assert client.dbsize() == (2 if count else 1)
    assert cut_short > 0
