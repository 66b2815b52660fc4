"""Redis through a socket in the file system."""

import os
import socket
import stat

import pytest
import redis
from server import Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint') or config.getoption('--redis')",
                                reason="these tests start their own servers")


@pytest.fixture()
def path(tmp_path):
    return str(tmp_path / "redis.sock")


def serve(path, *flags):
    return Server("--redis", f"127.0.0.1:0,unix:{path}", *flags)


def test_both_ways_in_lead_to_the_same_keys(path):
    with serve(path) as server:
        here = redis.Redis(unix_socket_path=path, decode_responses=True)
        there = redis.Redis(*server.redis, decode_responses=True)
        here.set("key", "value")
        assert there.get("key") == "value"
        assert here.config_get("unixsocket") == {"unixsocket": path}
        assert here.config_get("unixsocketperm") == {"unixsocketperm": "700"}
        me = next(one for one in here.client_list() if one["id"] == str(here.client_id()))
        assert (me["addr"], me["laddr"]) == (f"{path}:0", f"{path}:0")
        assert there.execute_command("CLIENT", "KILL", "LADDR", f"{path}:0") == 1


def test_large_values_and_many_clients(path):
    with serve(path):
        clients = [redis.Redis(unix_socket_path=path) for _ in range(20)]
        value = os.urandom(4 * 1024 * 1024)
        clients[0].set("large", value)
        assert all(client.get("large") == value for client in clients)
        pipeline = clients[1].pipeline(transaction=False)
        for number in range(5000):
            pipeline.rpush("list", number)
        assert pipeline.execute()[-1] == 5000


def test_the_mode_says_who_may_connect_and_the_file_goes_with_the_server(path):
    with serve(path, "--redis-socket-mode", "770"):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o770
    assert not os.path.exists(path)


def test_a_file_that_was_left_is_replaced_and_one_in_use_is_not(path):
    server = serve(path).start()
    with pytest.raises(RuntimeError, match="before it was ready"):
        serve(path).start()
    server.kill()
    assert os.path.exists(path)
    with serve(path):
        assert redis.Redis(unix_socket_path=path).ping()


def test_what_is_no_socket_stays(path):
    with open(path, "w") as file:
        file.write("precious")
    second = serve(path)
    with pytest.raises(RuntimeError, match="before it was ready"):
        second.start()
    assert "no socket" in second.stderr()
    with open(path) as file:
        assert file.read() == "precious"


def test_broken_frames_end_one_connection_only(path):
    with serve(path):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(path)
            raw.sendall(b"*1\r\n+x\r\n")
            assert raw.recv(200).startswith(b"-ERR Protocol error")
            assert raw.recv(200) == b""
        assert redis.Redis(unix_socket_path=path).ping()
