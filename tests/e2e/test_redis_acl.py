"""ACL with redis-py: users, the file they are kept in, and what becomes of connections when they change."""

import time

import pytest
import redis
from server import Server, address_of

pytestmark = pytest.mark.skipif("config.getoption('--endpoint') or config.getoption('--redis')",
                                reason="these tests start their own servers")

LINES = ("user default on nopass ~* &* +@all\n"
         "user reader on >secret %R~cache:* resetchannels &news -@all +@read +subscribe "
         "+ping +client|setinfo\n")


def refusal(call):
    with pytest.raises(redis.exceptions.NoPermissionError) as told:
        call()
    return str(told.value)


@pytest.fixture()
def file(tmp_path):
    path = tmp_path / "users.acl"
    path.write_text(LINES)
    path.chmod(0o600)
    return path


@pytest.fixture()
def server(file):
    with Server("--redis-acl-file", str(file)) as running:
        yield running


def connect(server, **settings):
    host, port = server.redis
    return redis.Redis(host=host, port=port, decode_responses=True, **settings)


def test_a_user_may_do_what_its_rules_say(server):
    admin = connect(server)
    reader = connect(server, username="reader", password="secret")
    admin.set("cache:1", "v")
    assert reader.get("cache:1") == "v"
    assert "access a key" in refusal(lambda: reader.get("other"))
    assert "'set' command" in refusal(lambda: reader.set("cache:1", "w"))
    with pytest.raises(redis.exceptions.AuthenticationError):
        connect(server, username="reader", password="wrong").ping()
    reasons = [entry["reason"] for entry in admin.acl_log()]
    assert reasons == ["auth", "command", "key"]
    assert admin.info("stats")["acl_access_denied_key"] == 1


def test_setuser_getuser_and_dryrun_through_the_library(server):
    admin = connect(server)
    assert admin.acl_setuser("alice", enabled=True, passwords=["+pw1", "+pw2"],
                             categories=["+string", "-dangerous"], commands=["+config|get"],
                             keys=["app:*"], channels=["events"],
                             selectors=[("+set", "%W~drop:*")])
    user = admin.acl_getuser("alice")
    assert user["flags"][0] == "on" and len(user["passwords"]) == 2
    assert user["enabled"] and user["keys"] == ["~app:*"] and user["channels"] == ["&events"]
    assert admin.acl_dryrun("alice", "set", "drop:1", "v") == "OK"
    assert "drop:1" in admin.acl_dryrun("alice", "get", "drop:1")
    assert sorted(admin.acl_users()) == ["alice", "default", "reader"]
    assert admin.acl_deluser("alice") == 1
    assert admin.acl_getuser("alice") is None


def test_users_are_kept_in_the_file_and_nowhere_else(file, tmp_path):
    data = tmp_path / "data"
    with Server("--redis-acl-file", str(file), data=data) as server:
        admin = connect(server)
        admin.acl_setuser("kept", enabled=True, nopass=True)
        admin.acl_save()
        admin.acl_setuser("lost", enabled=True, nopass=True)
    assert "user kept on nopass" in file.read_text()
    with Server("--redis-acl-file", str(file), data=data) as server:
        assert connect(server).acl_users() == ["default", "kept", "reader"]


def test_a_file_that_was_edited_is_loaded_without_a_restart(server, file):
    admin = connect(server)
    reader = connect(server, username="reader", password="secret", single_connection_client=True)
    reader.ping()
    file.write_text(LINES + "user more on nopass\n")
    assert admin.acl_load()
    assert "more" in admin.acl_users()
    assert reader.ping()
    file.write_text("user reader nonsense\n")
    with pytest.raises(redis.exceptions.ResponseError, match=r"users\.acl:1: Syntax error"):
        admin.acl_load()
    assert "more" in admin.acl_users()


def test_subscribers_whose_channel_is_revoked_are_disconnected(server):
    admin = connect(server)
    listener = connect(server, username="reader", password="secret").pubsub()
    listener.subscribe("news")
    assert listener.get_message(timeout=5)["type"] == "subscribe"
    admin.execute_command("ACL", "SETUSER", "reader", "resetchannels")
    deadline = time.monotonic() + 5
    while len(admin.client_list()) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [client["sub"] for client in admin.client_list()] == ["0"]


def test_a_removed_user_loses_its_connections(server):
    admin = connect(server)
    reader = connect(server, username="reader", password="secret", single_connection_client=True)
    reader.ping()
    assert [client["user"] for client in admin.client_list()].count("reader") == 1
    admin.acl_deluser("reader")
    with pytest.raises((redis.exceptions.ConnectionError, redis.exceptions.AuthenticationError)):
        reader.ping()  # the library connects again, as a user that is gone
    assert all(client["user"] == "default" for client in admin.client_list())


@pytest.mark.parametrize("lines, told", [
    ("user a +nosuch\n", "users.acl:1: Error in applying operation '+nosuch': Unknown command"),
    (None, "cannot be read"),
])
def test_a_file_that_makes_no_users_stops_the_start(tmp_path, lines, told):
    path = tmp_path / "users.acl"
    if lines is not None:
        path.write_text(lines)
    server = Server("--redis-acl-file", str(path))
    with pytest.raises(RuntimeError, match="before it was ready"):
        server.start()
    assert told in server.stderr()


def test_each_named_server_has_its_own_users(file):
    with Server("--redis", "127.0.0.1:0,cache=127.0.0.1:0", "--redis-acl-file",
                f"cache={file}") as server:
        host, port = address_of(next(line for line in server.lines if line.startswith("cache=")))
        cache = redis.Redis(host=host, port=port, decode_responses=True)
        assert cache.acl_users() == ["default", "reader"]
        assert connect(server).acl_users() == ["default"]
