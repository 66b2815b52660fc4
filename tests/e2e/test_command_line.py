"""The command line: what the program says at start and exit, its subcommands, and the words of the
servers that it stands in for."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import time

import boto3
import pytest
import redis as redis_py
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from server import BINARY, ENVIRONMENT, Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint') or config.getoption('--redis')",
                                reason="these tests start their own servers")


def run(*words, env=None):
    return subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=20,
                          env={**ENVIRONMENT, **(env or {})})


def aws(service, endpoint, key="test", secret="test", region="us-east-1"):
    return boto3.client(service, endpoint_url=endpoint, aws_access_key_id=key,
                        aws_secret_access_key=secret, region_name=region,
                        config=Config(retries={"total_max_attempts": 1}))


# ---- Start and exit ----

def test_the_last_lines_are_what_tools_wait_for():
    with Server("--http", "0,0", "--redis", "0,cache=0") as server:
        first, *lines = server.lines
        assert first.startswith("bodega ")
        assert [re.sub(r":\d+$", ":N", line) for line in lines] == [
            "http://127.0.0.1:N", "http://127.0.0.1:N", "redis://127.0.0.1:N",
            "cache=redis://127.0.0.1:N", "* Ready to accept connections", "Ready."]
        assert len(set(server.endpoints)) == 2
        for endpoint in server.endpoints:
            assert requests.get(f"{endpoint}/_bodega/health", timeout=5).status_code == 200
        assert redis_py.Redis(*server.redis).ping()


def test_without_redis_nobody_is_told_that_it_accepts():
    with Server("--redis", "off") as server:
        assert server.lines[-1] == "Ready."
        assert not any("accept connections" in line for line in server.lines)


def test_the_exit_says_what_it_waits_for_and_a_second_signal_ends_it():
    server = Server("--stop-timeout", "600").start()
    requests.put(f"{server.http}/in-flight-bucket", timeout=5).raise_for_status()
    with socket.create_connection(server.http_address, timeout=10) as slow:
        slow.sendall(b"PUT /in-flight-bucket/k HTTP/1.1\r\nHost: localhost\r\n"
                     b"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        assert slow.recv(1000).startswith(b"HTTP/1.1 100")
        deadline = time.monotonic() + 10
        os.kill(server.pid, signal.SIGTERM)
        while "waiting up to 600 s for 1 request; a second signal ends at once" not in server.stderr():
            assert time.monotonic() < deadline, server.stderr()
            time.sleep(0.05)
        os.kill(server.pid, signal.SIGTERM)
        assert server.process.wait(10) == -signal.SIGTERM


def test_an_exit_with_nothing_in_flight_waits_for_nothing():
    with Server() as server:
        with requests.Session() as session:  # which keeps its connection
            session.get(f"{server.http}/_bodega/health", timeout=5)
            assert server.stop() == 0
        assert "waiting" not in server.stderr()


def test_a_taken_port_names_the_address_and_the_setting():
    with Server() as server:
        host, port = server.http_address
        done = run("--http", f"0,{host}:{port}", "--redis", "off")
        assert (done.returncode, done.stderr) == (
            1, f"bodega: {host}:{port} is taken by another process; choose another with --http\n")


def test_variables_that_are_no_settings_are_told():
    with Server(env={"BODEGA_HTPP": "9000"}) as server:
        assert "BODEGA_HTPP is no setting and is ignored; did you mean BODEGA_HTTP?" in server.stderr()


# ---- The log ----

def test_the_log_can_be_json(tmp_path):
    with Server("--log-format", "json", "--log-level", "debug", data=tmp_path / "d") as server:
        with socket.create_connection(server.http_address, timeout=10) as raw:
            raw.sendall(b"GET /b\"\\\xff/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert raw.recv(1000)
        assert server.stop() == 0
        lines = [json.loads(line) for line in server.stderr().splitlines()]
        end = next(line for line in lines if line["message"] == "stopping")
        assert end["level"] == "info"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", end["time"])
        assert any("GET /b\"\\\ufffd/k" in line["message"] for line in lines)


@pytest.mark.parametrize("env, coloured", [({"TERM": "xterm"}, True),
                                           ({"TERM": "xterm", "NO_COLOR": "1"}, False)])
def test_the_log_has_colours_on_a_terminal_only(env, coloured):
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BINARY, "--http", "0", "--redis", "off"], stdout=subprocess.PIPE,
                               stderr=theirs, env={**ENVIRONMENT, **env}, text=True)
    os.close(theirs)
    while process.stdout.readline() not in ("Ready.\n", ""):
        pass
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    said = b""
    while b"stopping" not in said:  # a line comes in pieces; at its end the terminal is gone
        said += os.read(ours, 10_000)
    process.stdout.close()
    os.close(ours)
    assert (b"\x1b[" in said) == coloured
    with Server(env=env) as server:
        server.stop()
        assert "stopping" in server.stderr() and "\x1b[" not in server.stderr()


# ---- Subcommands ----

def test_help_and_version_in_every_form():
    shown = run("help")
    assert shown.returncode == 0 and "Usage: bodega " in shown.stdout
    assert shown.stdout == run("--help").stdout == run("--data", "/x", "-h").stdout
    assert "bodega verify DIR" in run("help", "verify").stdout == run("verify", "--help").stdout
    assert run("version").stdout == run("-V").stdout == run("--version").stdout
    wrong = run("help", "verfy")
    assert (wrong.returncode, wrong.stderr) == (
        2, 'bodega: there is no command "verfy"; did you mean verify?\n')


@pytest.mark.parametrize("listen", ["127.0.0.1:0", ":0", "[::1]:0"])
def test_health_asks_the_address_that_is_configured(listen):
    with Server("--http", listen) as server:
        address = server.http.removeprefix("http://")
        well = run("health", "--http", address)
        assert well.returncode == 0 and '"status": "ok"' in well.stdout
        assert run("health", env={"BODEGA_HTTP": address}).returncode == 0
    gone = run("health", "--http", address)
    assert gone.returncode == 1 and "nothing answers at http://" in gone.stderr


def test_health_asks_redis_where_http_is_off():
    with Server("--http", "off", "--redis-password", "secret") as server:
        address = "{}:{}".format(*server.redis)
        assert run("health", "--http", "off", "--redis", address).returncode == 0
        other = run("health", "--http", address)
        assert other.returncode == 1 and other.stderr.count("\n") == 1
    assert run("health", "--http", "off", "--redis", address).returncode == 1
    assert run("health", "--http", "0").returncode == 2


def test_check_says_what_would_be_served(tmp_path):
    done = run("check", "--http", "0", "--redis", "cache=0", "--data", str(tmp_path / "new" / "er"))
    assert done.returncode == 0, done
    assert "http://127.0.0.1:0: free, for s3, dynamodb, kms, sts" in done.stdout
    assert "cache=redis://127.0.0.1:0: free, for Redis" in done.stdout
    assert f"data in {tmp_path}/new/er: will be made" in done.stdout
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("x")
    assert run("check", "--http", "0", "--redis", "0", "--data", str(tmp_path / "file")).returncode == 1
    assert run("check", "--http", "nowhere").returncode == 2
    with Server(data=tmp_path / "d") as server:
        taken = run("check", "--http", server.http[7:], "--redis", "0", "--data", str(tmp_path / "d"))
        assert taken.returncode == 1
        assert "is taken by another process" in taken.stdout
        assert "in use by another Bodega" in taken.stdout


# ---- Other servers' words ----

def start_with(*words, env=None):
    """A server whose command line is these words alone, and its lines up to Ready."""
    process = subprocess.Popen([BINARY, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env={**ENVIRONMENT, "BODEGA_REDIS": "off", **(env or {})})
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1] == "Ready.":
            break
    return process, lines


def stop(process):
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    return log


def test_localstacks_variables_are_taken_and_told():
    process, lines = start_with(env={"GATEWAY_LISTEN": "127.0.0.1:0,127.0.0.1:0", "SERVICES": "s3,sqs"})
    assert "from the environment: http = 127.0.0.1:0,127.0.0.1:0 (GATEWAY_LISTEN)" in lines
    assert "from the environment: services = s3 (SERVICES)" in lines
    endpoint = next(line for line in lines if line.startswith("http://"))
    aws("s3", endpoint).create_bucket(Bucket="bucket")
    with pytest.raises(ClientError) as refused:
        aws("dynamodb", endpoint).list_tables()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "SERVICES asks for what is not here: sqs" in stop(process)


def test_minios_words_and_its_root_user(tmp_path):
    process, lines = start_with(
        "server", str(tmp_path / "d"), "--address", "127.0.0.1:0", "--auth", "verify",
        "--console-address", ":9001",
        env={"MINIO_ROOT_USER": "minioadmin", "MINIO_ROOT_PASSWORD": "miniosecret"})
    endpoint = next(line for line in lines if line.startswith("http://"))
    assert not any("miniosecret" in line for line in lines)
    aws("s3", endpoint, "minioadmin", "miniosecret").create_bucket(Bucket="bucket")
    for wrong in (("minioadmin", "other"), ("other", "miniosecret")):
        with pytest.raises(ClientError) as refused:
            aws("s3", endpoint, *wrong).list_buckets()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    log = stop(process)
    assert f"API: {endpoint}\n" in log
    assert "--console-address :9001 has no effect" in log
    assert (tmp_path / "d").is_dir()


def test_dynamodb_locals_words_share_the_tables():
    process, lines = start_with("-jar", "DynamoDBLocal.jar", "-sharedDb", "-inMemory", "-port", "0")
    endpoint = next(line for line in lines if line.startswith("http://"))
    aws("dynamodb", endpoint).create_table(
        TableName="shared", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    other = aws("dynamodb", endpoint, key="222222222222", region="eu-west-1")
    assert other.list_tables()["TableNames"] == ["shared"]
    stop(process)
    refused = run("-sharedDb", "-delayTransientStatuses")
    assert refused.returncode == 2 and "-delayTransientStatuses is not carried out" in refused.stderr


def test_redis_servers_words_and_a_password_that_nobody_sees():
    process, lines = start_with("redis-server", "--requirepass sesame", "--port", "0", "--save", "1", "1",
                                env={"BODEGA_HTTP": "off"})
    with open(f"/proc/{process.pid}/cmdline") as shown:
        assert "sesame" not in shown.read()
    host, port = next(line for line in lines if line.startswith("redis://"))[8:].split(":")
    assert redis_py.Redis(host, int(port), password="sesame").ping()
    with pytest.raises(redis_py.AuthenticationError):
        redis_py.Redis(host, int(port)).ping()
    stop(process)
    refused = run("redis-server", "/etc/redis.conf")
    assert (refused.returncode, refused.stderr) == (
        2, 'bodega: "/etc/redis.conf" of redis-server is not carried out\n')
