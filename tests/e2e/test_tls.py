"""HTTPS and RESP over TLS on the ports of the plain protocols: certificates, clients, bad peers."""

import concurrent.futures
import hashlib
import os
import socket
import ssl
import stat
import subprocess
import sys
import time

import boto3
import pytest
import redis as redis_py
import requests

from conftest import CREDENTIALS, client
from server import BINARY, Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint')",
                                reason="these tests start their own servers")

HANDSHAKE_LIMIT_S = 10  # the server's
PATIENCE_S = 20
MIB = 1024 * 1024


class Secured:
    """A server and its certificate authority in a file."""

    def __init__(self, server, folder):
        self.server = server
        self.ca = str(folder / "ca.pem")
        answer = requests.get(server.http + "/_bodega/ca.pem", timeout=PATIENCE_S)
        assert answer.status_code == 200
        with open(self.ca, "w") as file:
            file.write(answer.text)
        self.port = server.http_address[1]
        self.https = f"https://localhost:{self.port}"

    def s3(self, **settings):
        return client("s3", self.https, verify=self.ca, **settings)

    def redis(self, **settings):
        return redis_py.Redis(host="localhost", port=self.server.redis[1], ssl=True,
                              ssl_ca_certs=self.ca, **settings)

    def context(self):
        return ssl.create_default_context(cafile=self.ca)

    def connect(self, name="localhost", context=None, port=None):
        plain = socket.create_connection(("127.0.0.1", port or self.port), timeout=PATIENCE_S)
        try:
            return (context or self.context()).wrap_socket(plain, server_hostname=name)
        except BaseException:
            plain.close()
            raise

    def metric(self, name, listener="http"):
        page = requests.get(self.server.http + "/_bodega/metrics", timeout=PATIENCE_S).text
        return int(page.split(f'{name}{{listener="{listener}"}} ')[1].split("\n")[0])


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with Server("--log-level", "debug", data=folder / "data") as server:
        yield Secured(server, folder)
        assert "error" not in server.stderr().split(), server.stderr()


def refusals(done):
    return sum(line.startswith("bodega: ") for line in done.stderr.split("\n"))


def ca_command(*arguments):
    return subprocess.run([BINARY, "ca", *arguments], capture_output=True, text=True, timeout=20)


def read_reply(connection):
    """One HTTP reply with a Content-Length: its head and its body."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = connection.recv(65536)
        assert piece, said
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65536)
        assert piece, "cut short"
        body += piece
    return head, body[:length], body[length:]


HEALTH = b"GET /_bodega/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


# ---- The authority ----

def test_the_authority_is_private_and_stays_over_restarts(tmp_path):
    data = tmp_path / "data"
    with Server(data=data) as server:
        assert not (data / "ca.key").exists()  # nothing is made before somebody wants it
        first = Secured(server, tmp_path)
        first.connect().close()
    assert stat.S_IMODE((data / "ca.key").stat().st_mode) == 0o600
    printed = ca_command("--data", str(data)).stdout
    assert printed == open(first.ca).read() and "PRIVATE" not in printed
    with Server(data=data) as server:
        Secured(server, tmp_path).connect().close()
        assert open(first.ca).read() == printed
    done = subprocess.run([BINARY, "verify", str(data)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done


def test_the_authority_can_be_had_before_and_beside_the_server(tmp_path):
    data = tmp_path / "new" / "data"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        printed = set(pool.map(lambda _: ca_command("--data", str(data)).stdout, range(8)))
    assert len(printed) == 1 and printed.pop().startswith("-----BEGIN CERTIFICATE-----")
    assert [path.name for path in data.iterdir()] == ["ca.key"]
    with Server(data=data) as server:
        secured = Secured(server, tmp_path)
        assert open(secured.ca).read() == ca_command("--data", str(data)).stdout
        secured.connect().close()


def test_what_bodega_ca_cannot_do_it_says(tmp_path):
    done = ca_command()
    assert done.returncode == 2 and "--data DIR" in done.stderr and "/_bodega/ca.pem" in done.stderr
    done = ca_command("--data", str(tmp_path), "--tls", "off")
    assert done.returncode == 1 and "--tls is off" in done.stderr
    assert ca_command("--data", str(tmp_path), "--colour").returncode == 2


@pytest.mark.parametrize("damage", [
    lambda text: "", lambda text: text[:200], lambda text: text.replace("A", "B"),
    lambda text: text[text.index("-----BEGIN CERT"):]])
def test_a_damaged_authority_is_refused_in_words(tmp_path, damage):
    ca_command("--data", str(tmp_path))
    file = tmp_path / "ca.key"
    file.write_text(damage(file.read_text()))
    for command in (["ca"], ["--http", "127.0.0.1:0", "--redis", "off"]):
        done = subprocess.run([BINARY, *command, "--data", str(tmp_path)], capture_output=True,
                              text=True, timeout=20)
        assert done.returncode == 1
        assert f"{file} is damaged" in done.stderr and "remove it" in done.stderr
        assert refusals(done) == 1


def test_a_scratch_folder_has_an_authority_of_its_own(tmp_path):
    with Server() as one, Server() as other:
        first, second = Secured(one, tmp_path), None
        folder = tmp_path / "other"
        folder.mkdir()
        second = Secured(other, folder)
        assert open(first.ca).read() != open(second.ca).read()
        first.connect().close()
        with pytest.raises(ssl.SSLCertVerificationError):
            second.connect(context=first.context())


# ---- Names ----

@pytest.mark.parametrize("name", [
    "localhost", "127.0.0.1", "::1", "bucket.localhost", "my_bucket.s3.localhost",
    "localhost.localstack.cloud", "b.s3.localhost.localstack.cloud", "b.s3.amazonaws.com",
    "b.s3.eu-west-1.amazonaws.com", "dynamodb.us-east-1.amazonaws.com", "bodega", "UPPER.localhost",
    "host.docker.internal"])
def test_each_name_of_the_server_has_its_certificate(secured, name):
    with secured.connect(name) as connection:
        connection.sendall(HEALTH)
        assert read_reply(connection)[0].startswith(b"HTTP/1.1 200")


def test_a_name_that_is_not_the_servers_is_refused_by_the_client(secured):
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        secured.connect("shop.example.com")
    assert "--domains shop.example.com makes it one" in secured.server.stderr()


def test_domains_are_names_of_the_server(tmp_path):
    with Server("--domains", "S3.example.com") as server:
        secured = Secured(server, tmp_path)
        secured.connect("s3.example.com").close()
        secured.connect("bucket.s3.example.com").close()
        with pytest.raises(ssl.SSLCertVerificationError):
            secured.connect("example.com")


def test_very_many_names(secured):
    for number in range(1100):
        secured.connect(f"bucket-{number}.localhost").close()
    secured.connect("bucket-0.localhost").close()


# ---- What is spoken ----

@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_versions_and_protocols(secured):
    context = secured.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with secured.connect(context=context) as connection:
        assert connection.version() == "TLSv1.3"
        assert connection.selected_alpn_protocol() == "http/1.1"
    context = secured.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with secured.connect(context=context) as connection:
        assert connection.version() == "TLSv1.2"
        connection.sendall(HEALTH)
        assert read_reply(connection)[0].startswith(b"HTTP/1.1 200")
    context = secured.context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        secured.connect(context=context)
    context = secured.context()
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError):
        secured.connect(context=context)


def test_a_session_is_resumed(secured):
    context = secured.context()
    with secured.connect(context=context) as connection:
        connection.sendall(HEALTH)
        read_reply(connection)
        session = connection.session
    plain = socket.create_connection(("127.0.0.1", secured.port), timeout=PATIENCE_S)
    with context.wrap_socket(plain, server_hostname="localhost", session=session) as connection:
        assert connection.session_reused
        connection.sendall(HEALTH)
        assert read_reply(connection)[0].startswith(b"HTTP/1.1 200")


def test_plain_and_tls_side_by_side(secured):
    with secured.connect() as over_tls, \
            socket.create_connection(("127.0.0.1", secured.port), timeout=PATIENCE_S) as plain:
        for _ in range(3):
            for connection in (over_tls, plain):
                connection.sendall(HEALTH)
                assert read_reply(connection)[0].startswith(b"HTTP/1.1 200")


# ---- HTTP inside ----

def test_keep_alive_and_pipelining(secured):
    with secured.connect() as connection:
        connection.sendall(HEALTH * 50)
        rest = b""
        for _ in range(50):
            while b"}\n" not in rest:
                piece = connection.recv(65536)
                assert piece
                rest += piece
            assert rest.startswith(b"HTTP/1.1 200")
            rest = rest[rest.index(b"}\n") + 2:]
        assert rest == b""


def test_expect_100_continue(secured, unique):
    secured.s3().create_bucket(Bucket=unique)
    with secured.connect() as connection:
        connection.sendall((f"PUT /{unique}/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                            "Expect: 100-continue\r\n\r\n").encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_reply(connection)[0].startswith(b"HTTP/1.1 200")
    assert secured.s3().get_object(Bucket=unique, Key="k")["Body"].read() == b"hello"


def test_the_end_of_a_connection_is_told(secured):
    with secured.connect() as connection:
        connection.sendall(HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        read_reply(connection)
        assert connection.recv(1000) == b""  # would raise without the peer's close_notify


def test_large_bodies_in_both_directions(secured, unique):
    secured.s3().create_bucket(Bucket=unique)
    body = os.urandom(MIB) * 150
    url = f"{secured.https}/{unique}/large"
    put = requests.put(url, data=body, verify=secured.ca, timeout=120)
    assert put.status_code == 200, put.text
    assert put.headers["ETag"].strip('"') == hashlib.md5(body).hexdigest()
    digest = hashlib.sha256()
    with requests.get(url, verify=secured.ca, stream=True, timeout=120) as got:
        for piece in got.iter_content(MIB):
            digest.update(piece)
    assert digest.digest() == hashlib.sha256(body).digest()
    got = requests.get(url, headers={"Range": "bytes=99999-5099998"}, verify=secured.ca, timeout=60)
    assert got.status_code == 206 and got.content == body[99999:5099999]


def test_a_download_that_is_given_up(secured, unique):
    secured.s3().create_bucket(Bucket=unique)
    secured.s3().put_object(Bucket=unique, Key="k", Body=bytes(50 * MIB))
    for _ in range(20):
        with secured.connect() as connection:
            connection.sendall(f"GET /{unique}/k HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert connection.recv(100_000)
    deadline = time.monotonic() + PATIENCE_S
    while secured.metric("bodega_open_connections") > 5 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert secured.metric("bodega_open_connections") <= 5


# ---- Clients ----

def test_boto3(secured, unique):
    s3 = secured.s3()
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="a b", Body=b"x" * 100_000)
    assert s3.get_object(Bucket=unique, Key="a b")["Body"].read() == b"x" * 100_000
    upload = s3.create_multipart_upload(Bucket=unique, Key="m")["UploadId"]
    part = s3.upload_part(Bucket=unique, Key="m", UploadId=upload, PartNumber=1, Body=b"p" * 1000)
    done = s3.complete_multipart_upload(
        Bucket=unique, Key="m", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert done["Location"] == f"https://localhost:{secured.port}/{unique}/m"
    url = s3.generate_presigned_url("get_object", Params={"Bucket": unique, "Key": "m"})
    assert url.startswith("https://")
    assert requests.get(url, verify=secured.ca, timeout=PATIENCE_S).content == b"p" * 1000
    table = client("dynamodb", secured.https, verify=secured.ca)
    assert table.list_tables()["TableNames"] == []
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        client("s3", secured.https).list_buckets()


def test_boto3_with_verified_signatures(tmp_path):
    keys = tmp_path / "credentials"
    keys.write_text("[default]\naws_access_key_id = test\naws_secret_access_key = test\n")
    with Server("--auth", "verify", "--credentials", str(keys)) as server:
        s3 = Secured(server, tmp_path).s3()
        s3.create_bucket(Bucket="signed")
        s3.put_object(Bucket="signed", Key="k", Body=b"body")  # over TLS: UNSIGNED-PAYLOAD-TRAILER
        assert s3.get_object(Bucket="signed", Key="k")["Body"].read() == b"body"


def test_aws_ca_bundle(secured, unique, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", secured.ca)
    s3 = boto3.client("s3", endpoint_url=secured.https, **CREDENTIALS)
    s3.create_bucket(Bucket=unique)
    assert unique in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_aws_cli(secured, unique, tmp_path):
    program = os.path.join(os.path.dirname(sys.executable), "aws")
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                   "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
    local, back = tmp_path / "local", tmp_path / "back"
    local.write_bytes(os.urandom(20 * MIB))
    for words in (["s3", "mb", f"s3://{unique}"], ["s3", "cp", str(local), f"s3://{unique}/k"],
                  ["s3", "cp", f"s3://{unique}/k", str(back)]):
        done = subprocess.run(
            [program, "--endpoint-url", secured.https, "--ca-bundle", secured.ca, *words],
            env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    assert back.read_bytes() == local.read_bytes()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_curl(secured, host):
    url = f"https://{host}:{secured.port}/_bodega/health"
    done = subprocess.run(["curl", "-sS", "--cacert", secured.ca, url], capture_output=True,
                          timeout=20)
    assert b'"status": "ok"' in done.stdout, done
    assert subprocess.run(["curl", "-sS", url], capture_output=True, timeout=20).returncode == 60


# ---- Redis ----

def test_redis_py(secured):
    redis = secured.redis()
    redis.flushall()
    assert redis.set("k", "v") and redis.get("k") == b"v"
    pipeline = redis.pipeline(transaction=False)
    for number in range(10_000):
        pipeline.set(f"k{number}", number)
    for number in range(10_000):
        pipeline.get(f"k{number}")
    assert pipeline.execute()[10_000:] == [str(number).encode() for number in range(10_000)]
    assert redis_py.Redis(port=secured.server.redis[1]).get("k") == b"v"
    [mine] = [one for one in redis.client_list() if one["cmd"].startswith("client")]
    assert mine["laddr"].endswith(f":{secured.server.redis[1]}")
    with pytest.raises(redis_py.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        redis_py.Redis(host="localhost", port=secured.server.redis[1], ssl=True).ping()


def test_redis_values_of_100_mb(secured):
    redis = secured.redis()
    value = os.urandom(MIB) * 100
    assert redis.set("large", value)
    assert redis.get("large") == value
    assert redis.strlen("large") == len(value)
    redis.delete("large")


def test_redis_blocking_and_publishing(secured):
    redis = secured.redis()
    redis.flushall()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(secured.redis().blpop, ["queue"], PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while redis.info("clients")["blocked_clients"] == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        redis.rpush("queue", "job")
        assert waiting.result() == (b"queue", b"job")
    listener = secured.redis().pubsub(ignore_subscribe_messages=True)
    listener.subscribe("news")
    listener.get_message(timeout=1)
    for number in range(1000):
        redis.publish("news", number)
    heard = []
    deadline = time.monotonic() + PATIENCE_S
    while len(heard) < 1000 and time.monotonic() < deadline:
        message = listener.get_message(timeout=1)
        if message:
            heard.append(int(message["data"]))
    assert heard == list(range(1000))


def test_a_blocked_redis_client_that_goes_away_is_noticed(secured):
    redis = secured.redis()
    with secured.connect(port=secured.server.redis[1]) as connection:
        connection.sendall(b"BLPOP nothing 0\r\n")
        deadline = time.monotonic() + PATIENCE_S
        while redis.info("clients")["blocked_clients"] == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert redis.info("clients")["blocked_clients"] == 1
        connection.sendall(b"PING\r\n")  # what comes while it is blocked is run later
        redis.rpush("nothing", "x")
        said = b""
        while said.count(b"\r\n") < 6:
            said += connection.recv(1000)
        assert said.endswith(b"+PONG\r\n")
        connection.sendall(b"BLPOP nothing 0\r\n")
        while redis.info("clients")["blocked_clients"] == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
    while redis.info("clients")["blocked_clients"] == 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert redis.info("clients")["blocked_clients"] == 0


def test_redis_output_limits_count_what_tls_has_not_taken(secured):
    redis = secured.redis()
    before = redis.config_get("client-output-buffer-limit")["client-output-buffer-limit"]
    redis.config_set("client-output-buffer-limit", "pubsub 4194304 0 0")
    try:
        with secured.connect(port=secured.server.redis[1]) as slow:
            slow.sendall(b"SUBSCRIBE flood\r\n")
            slow.recv(1000)
            for _ in range(100):
                if redis.publish("flood", b"x" * MIB) == 0:
                    break
            else:
                pytest.fail("the subscriber that reads nothing is still there")
    finally:
        redis.config_set("client-output-buffer-limit", before)


def test_redis_cli(secured):
    command = ["redis-cli", "--tls", "--cacert", secured.ca, "-h", "localhost",
               "-p", str(secured.server.redis[1])]
    done = subprocess.run([*command, "echo", "hello"], capture_output=True, text=True, timeout=20)
    assert done.stdout == "hello\n", done
    commands = "".join(f"SET cli{number} {number}\n" for number in range(1000))
    done = subprocess.run([*command, "--pipe"], input=commands, capture_output=True, text=True,
                          timeout=60)
    assert "errors: 0, replies: 1000" in done.stdout, done


# ---- Peers that do it wrong ----

def test_a_client_without_the_authority_is_told_of_once(tmp_path):
    with Server("--log-level", "debug") as server:
        secured = Secured(server, tmp_path)
        for _ in range(3):
            with pytest.raises(ssl.SSLCertVerificationError):
                secured.connect(context=ssl.create_default_context())
        deadline = time.monotonic() + PATIENCE_S
        while secured.metric("bodega_tls_failures_total") < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert secured.metric("bodega_tls_failures_total") == 3
        log = server.stderr()
        assert log.count("does not trust this server's certificate") == 1
        assert "bodega ca prints" in log and log.count("unknown ca") == 3


def test_tls_off(tmp_path):
    with Server("--tls", "off") as server:
        for port in (server.http_address[1], server.redis[1]):
            for _ in range(3):
                plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
                with pytest.raises(OSError):
                    ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        assert requests.get(server.http + "/_bodega/ca.pem", timeout=20).status_code == 404
        assert requests.get(server.http + "/_bodega/health", timeout=20).ok
        told = [line for line in server.stderr().split("\n") if "--tls is off" in line]
        assert len(told) == 2
        assert "the port of HTTP" in told[0] and "the port of Redis" in told[1]


def test_a_handshake_has_a_deadline(secured):
    begun = time.monotonic()
    slow = []
    for port in (secured.port, secured.server.redis[1]):
        for first in (b"\x16", b"\x16\x03\x01\x02\x00\x01"):
            connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
            connection.sendall(first)
            slow.append(connection)
    with secured.connect() as connection:  # nobody waits for them
        connection.sendall(HEALTH)
        read_reply(connection)
    assert secured.redis().ping()
    assert time.monotonic() - begun < HANDSHAKE_LIMIT_S / 2
    for connection in slow:
        with connection:
            try:
                assert connection.recv(1000) == b""
            except ConnectionResetError:
                pass
    assert HANDSHAKE_LIMIT_S - 1 < time.monotonic() - begun < HANDSHAKE_LIMIT_S + 5


def client_hello(name="localhost"):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("said", [
    b"\x16", b"\x16\x03\x01\xff\xff" + bytes(70_000), b"\x16\x03\x01\x00\x05hello", b"\x16" * 5000,
    "a hello, then plain HTTP", "half of a hello", "a hello, then noise"])
def test_garbage_ends_the_connection_and_nothing_else(secured, said):
    hello = client_hello()
    said = {"a hello, then plain HTTP": hello + HEALTH, "half of a hello": hello[:100],
            "a hello, then noise": hello + os.urandom(3000)}.get(said, said)
    for port in (secured.port, secured.server.redis[1]):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
                try:
                    connection.sendall(said)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
                except (ConnectionResetError, BrokenPipeError, OSError):
                    pass
    secured.connect().close()
    assert secured.redis().ping()


def test_a_record_that_was_changed_on_the_way_ends_the_connection(secured):
    before = secured.metric("bodega_tls_failures_total")
    with secured.connect() as connection:
        connection.sendall(HEALTH)
        read_reply(connection)
        with socket.socket(fileno=os.dup(connection.fileno())) as below:
            below.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
            connection.settimeout(PATIENCE_S)
            with pytest.raises((ssl.SSLError, ConnectionResetError)):
                assert connection.recv(1000)
    deadline = time.monotonic() + PATIENCE_S
    while secured.metric("bodega_tls_failures_total") == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert secured.metric("bodega_tls_failures_total") == before + 1


def test_a_hundred_handshakes_at_once(secured):
    def one(number):
        with secured.connect(f"b{number % 10}.localhost") as connection:
            connection.sendall(HEALTH)
            return read_reply(connection)[0].startswith(b"HTTP/1.1 200")

    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        assert all(pool.map(one, range(300)))


def test_the_stop_waits_for_no_idle_connection(tmp_path):
    with Server() as server:
        secured = Secured(server, tmp_path)
        redis = secured.redis()
        redis.ping()
        begun_only = socket.create_connection(("127.0.0.1", secured.port))
        begun_only.sendall(b"\x16\x03")
        with secured.connect() as connection:
            connection.sendall(HEALTH)
            read_reply(connection)
            begun = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - begun < 5
            assert connection.recv(1000) == b""
        begun_only.close()


# ---- Given files ----

def make_files(folder, name, *names):
    """A certificate that signs itself, by the openssl program."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=given", "-keyout", str(key),
                    "-out", str(certificate), "-addext",
                    "subjectAltName=" + ",".join(f"DNS:{each}" for each in names)],
                   check=True, capture_output=True)
    return str(certificate), str(key)


def test_given_files(tmp_path):
    certificate, key = make_files(tmp_path, "one", "given.example")
    other = make_files(tmp_path, "two", "given.example")[1]
    data = tmp_path / "data"
    with Server("--tls-cert", certificate, "--tls-key", key, data=data) as server:
        context = ssl.create_default_context(cafile=certificate)
        for port in (server.http_address[1], server.redis[1]):
            plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
            context.wrap_socket(plain, server_hostname="given.example").close()
        assert requests.get(server.http + "/_bodega/ca.pem", timeout=20).status_code == 404
        assert not (data / "ca.key").exists()

    def refused(*flags):
        done = subprocess.run([BINARY, "--http", "127.0.0.1:0", "--redis", "off", *flags],
                              capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
        assert done.returncode == 1 and refusals(done) == 1, done
        return done.stderr

    assert "give both or none" in refused("--tls-cert", certificate)
    assert "is not the key of the certificate" in refused("--tls-cert", certificate, "--tls-key",
                                                          other)
    assert "cannot be read as a certificate" in refused("--tls-cert", key, "--tls-key", key)
    assert "cannot be read as a key" in refused("--tls-cert", certificate, "--tls-key", certificate)
    assert "cannot be read" in refused("--tls-cert", str(tmp_path / "absent"), "--tls-key", key)
    locked = tmp_path / "locked.key"
    subprocess.run(["openssl", "ec", "-in", key, "-aes128", "-passout", "pass:secret", "-out",
                    str(locked)], check=True, capture_output=True)
    assert "without a password" in refused("--tls-cert", certificate, "--tls-key", str(locked))


# ---- Certificates of clients ----


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=PATIENCE_S)


class Signer:
    """An authority for clients, and the certificates that it signs."""

    def __init__(self, folder, name):
        self.folder = folder
        self.name = name
        self.ca = str(folder / f"{name}.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={name}", "-days", "2", "-keyout", str(folder / f"{name}.key"),
                "-out", self.ca)

    def sign(self, client_name):
        key, request, certificate = (str(self.folder / f"{client_name}.{end}")
                                     for end in ("key", "csr", "crt"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={client_name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey",
                str(self.folder / f"{self.name}.key"), "-CAcreateserial", "-days", "2", "-out",
                certificate)
        return certificate, key


@pytest.fixture(scope="module")
def signers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signers")
    ours, strange = Signer(folder, "ours"), Signer(folder, "strange")
    return ours, ours.sign("friend"), strange.sign("stranger")


def own_ca(data):
    done = subprocess.run([BINARY, "ca", "--data", str(data)], capture_output=True, text=True,
                          check=True, timeout=PATIENCE_S)
    path = data.parent / "server-ca.pem"
    path.write_text(done.stdout)
    return str(path)


def answers(server, ca, pair=None):
    """Whether HTTPS and Redis over TLS let a client with this certificate in."""
    host = server.http_address[1]
    cert, key = pair or (None, None)
    try:
        status = requests.get(f"https://localhost:{host}/_bodega/health", verify=ca, cert=pair,
                              timeout=PATIENCE_S).status_code
        http = status == 200
    except requests.exceptions.RequestException:
        http = False
    try:
        redis = redis_py.Redis(host="localhost", port=server.redis[1], ssl=True, ssl_ca_certs=ca,
                               ssl_certfile=cert, ssl_keyfile=key).ping()
    except redis_py.exceptions.ConnectionError:
        redis = False
    return http, redis


def test_a_client_without_the_right_certificate_is_turned_away(tmp_path, signers):
    ours, friend, stranger = signers
    with Server("--tls", "only", "--tls-auth-clients", "required", "--tls-ca", ours.ca,
                data=tmp_path / "data") as server:
        ca = own_ca(tmp_path / "data")
        assert answers(server, ca, friend) == (True, True)
        assert answers(server, ca, stranger) == (False, False)
        assert answers(server, ca) == (False, False)


def test_an_optional_certificate_may_be_missing_but_not_wrong(tmp_path, signers):
    ours, friend, stranger = signers
    with Server("--tls-auth-clients", "optional", "--tls-ca", ours.ca,
                data=tmp_path / "data") as server:
        ca = own_ca(tmp_path / "data")
        assert answers(server, ca, friend) == (True, True)
        assert answers(server, ca) == (True, True)
        assert answers(server, ca, stranger) == (False, False)


def test_sessions_of_clients_with_certificates_are_resumed(tmp_path, signers):
    ours, friend, _ = signers
    with Server("--tls", "only", "--tls-auth-clients", "required", "--tls-ca", ours.ca,
                data=tmp_path / "data") as server:
        context = ssl.create_default_context(cafile=own_ca(tmp_path / "data"))
        context.load_cert_chain(*friend)

        def reuse(session):
            plain = socket.create_connection(("127.0.0.1", server.redis[1]), timeout=PATIENCE_S)
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
                tls.sendall(b"PING\r\n")
                assert tls.recv(100) == b"+PONG\r\n"
                return tls.session, tls.session_reused

        session, reused = reuse(None)
        assert not reused
        assert reuse(session)[1]


def test_only_turns_plain_clients_away_but_for_health(tmp_path):
    with Server("--tls", "only") as server:
        assert requests.get(server.http + "/", timeout=PATIENCE_S).status_code == 400
        assert requests.get(server.http + "/_bodega/health", timeout=PATIENCE_S).status_code == 200
        with socket.create_connection(server.redis, timeout=PATIENCE_S) as plain:
            plain.sendall(b"PING\r\n")
            assert plain.recv(100) == b"-ERR this port speaks TLS only\r\n"


def test_authorities_that_cannot_be_read_stop_the_start(tmp_path):
    (tmp_path / "empty.pem").write_text("nothing\n")
    server = Server("--tls-auth-clients", "optional", "--tls-ca", str(tmp_path / "empty.pem"))
    with pytest.raises(RuntimeError, match="before it was ready"):
        server.start()
    assert "--tls-ca: " in server.stderr() and "cannot be read as certificates" in server.stderr()
