"""Redis clients that are slow to read or to write: what they cost the others, and that they lose
nothing. The same holds for redis-server, but for the bound on what waits."""

import socket
import threading
import time

import pytest
import redis as redis_py

VALUE = b"x" * 10_000
GETS = 20_000
MAX_WAIT_S = 0.5  # generous: of a debug build on a loaded machine
MAX_UNSENT_BYTES = 64 * 1024 * 1024


@pytest.fixture
def slow(bodega):
    with socket.create_connection(bodega.redis) as connection:
        connection.settimeout(60)
        yield connection


def fields_of(redis, connection):
    port = connection.getsockname()[1]
    return next(row for row in redis.client_list() if row["addr"].endswith(f":{port}"))


def read_exactly(connection, count):
    while count > 0:
        count -= len(connection.recv(min(count, 1 << 20)))


def test_a_client_that_does_not_read_costs_others_nothing(redis, slow):
    redis.set("big", VALUE)
    # A client may send a whole pipeline before it reads: all of it is taken.
    sender = threading.Thread(target=slow.sendall, args=(b"GET big\r\n" * GETS + b"PING\r\n",))
    sender.start()
    worst = 0
    until = time.monotonic() + 3
    while time.monotonic() < until:
        began = time.monotonic()
        redis.ping()
        worst = max(worst, time.monotonic() - began)
    sender.join(timeout=30)
    assert not sender.is_alive()
    assert worst < MAX_WAIT_S
    unsent = int(fields_of(redis, slow)["omem"])
    assert 1_000_000 < unsent < MAX_UNSENT_BYTES
    read_exactly(slow, GETS * len(b"$10000\r\n" + VALUE + b"\r\n"))
    assert slow.recv(100) == b"+PONG\r\n"


def test_a_large_value_comes_whole(redis):
    value = bytes(range(256)) * 200_000  # 51 MB
    redis.set("large", value)
    assert redis.get("large") == value
    redis.delete("large")


def test_timeout_counts_traffic(bodega, redis, slow):
    idle = socket.create_connection(bodega.redis)
    redis.config_set("timeout", 1)
    try:
        slow.sendall(b"*3\r\n$3\r\nSET\r\n$4\r\nslow\r\n$30\r\n")
        for _ in range(15):
            time.sleep(0.2)
            redis.ping()
            slow.sendall(b"xx")
        slow.sendall(b"\r\n")
        assert slow.recv(100) == b"+OK\r\n"
        idle.settimeout(5)
        assert idle.recv(100) == b""
    finally:
        idle.close()
        redis.config_set("timeout", 0)


def test_a_blocked_command_is_counted_once(bodega, redis):
    redis.config_resetstat()
    waiter = redis_py.Redis(*bodega.redis)
    popped = []
    thread = threading.Thread(target=lambda: popped.append(waiter.blpop("queue", 20)))
    thread.start()
    while redis.info("clients")["blocked_clients"] == 0:
        time.sleep(0.01)
    assert "cmdstat_blpop" not in redis.info("commandstats")
    redis.rpush("queue", "a")
    thread.join()
    assert popped == [(b"queue", b"a")]
    assert redis.info("commandstats")["cmdstat_blpop"]["calls"] == 1
