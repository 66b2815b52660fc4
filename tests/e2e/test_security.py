"""Whom it lets in: pages in a browser, other users of the machine, readers of the log."""

import json
import os
import re
import socket
import stat

import pytest
import redis as redis_py
import requests

from conftest import client
from server import Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint')",
                                reason="these tests start their own servers")

EVIL = "http://evil.example"
DELETE_TABLE = {
    "X-Amz-Target": "DynamoDB_20120810.DeleteTable", "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, "
                     "SignedHeaders=host, Signature=0"}


def exchange(server, method, target, headers=None, body=b""):
    """One request as bytes on a socket: no library adds or takes away a header."""
    head = {"Host": "127.0.0.1:%d" % server.http_address[1], **(headers or {}),
            "Content-Length": str(len(body)), "Connection": "close"}
    text = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in head.items())
    with socket.create_connection(server.http_address, timeout=10) as connection:
        connection.sendall(text.encode() + b"\r\n" + body)
        got = b""
        while piece := connection.recv(65536):
            got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), body.decode(errors="replace")


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        s3 = client("s3", server.http)
        s3.create_bucket(Bucket="bkt")
        s3.put_object(Bucket="bkt", Key="k", Body=b"private")
        client("dynamodb", server.http).create_table(
            TableName="victim", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
        yield server


def is_untouched(server):
    s3 = client("s3", server.http)
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="bkt")["Contents"]] == ["k"]
    assert s3.get_object(Bucket="bkt", Key="k")["Body"].read() == b"private"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="bkt")
    assert client("dynamodb", server.http).list_tables()["TableNames"] == ["victim"]
    return True


# ---- A page asks this server directly ----

def test_a_page_cannot_use_dynamodb(server):
    status, head, _ = exchange(server, "OPTIONS", "/", {
        "Origin": EVIL, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-amz-target"})
    assert status == 403 and "access-control-allow" not in head
    status, head, body = exchange(server, "POST", "/", {**DELETE_TABLE, "Origin": EVIL},
                                  b'{"TableName":"victim"}')
    assert status == 403 and "access-control-allow" not in head
    assert json.loads(body)["__type"].endswith("#AccessDeniedException")
    assert f"--cors-origins {EVIL}" in json.loads(body)["Message"]
    # Without any header of CORS: a form whose enctype is text/plain.
    status, _, _ = exchange(server, "POST", "/", {
        **{n: v for n, v in DELETE_TABLE.items() if n != "Content-Type"},
        "Content-Type": "application/x-amz-json-1.0", "Origin": "null"}, b'{"TableName":"victim"}')
    assert status == 403
    assert is_untouched(server)


@pytest.mark.parametrize("method, target, body", [
    ("PUT", "/bkt/new", b"x"), ("PUT", "/bkt/k", b"x"), ("POST", "/bkt/new?uploads", b""),
    ("POST", "/bkt?delete", b"<Delete><Object><Key>k</Key></Object></Delete>"),
    ("POST", "/bkt", b"--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nnew\r\n--b--\r\n"),
    ("DELETE", "/bkt/k", b""), ("PUT", "/another-bucket", b"")])
def test_a_page_cannot_write_to_s3(server, method, target, body):
    for origin in ({"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        status, head, answer = exchange(server, method, target, origin, body)
        assert status == 403 and "<Code>AccessDenied</Code>" in answer, answer
        assert "--cors-origins" in answer and "access-control-allow" not in head
    assert is_untouched(server)


def test_a_page_cannot_read_from_s3(server):
    for headers in ({"Origin": EVIL}, {"Origin": "null"}):
        for target in ("/", "/bkt?list-type=2", "/bkt/k", "/bkt/none"):
            _, head, _ = exchange(server, "GET", target, headers)
            assert "access-control-allow" not in head
    status, head, body = exchange(server, "OPTIONS", "/bkt/k", {
        "Origin": EVIL, "Access-Control-Request-Method": "PUT"})
    assert status == 403 and "<Code>AccessForbidden</Code>" in body
    assert "access-control-allow" not in head
    script = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
    assert exchange(server, "GET", "/bkt/k", script)[0] == 403
    assert exchange(server, "GET", "/bkt/k", {**script, "Sec-Fetch-Dest": "image"})[0] == 200


def test_a_page_cannot_use_the_control_api(server):
    for method in ("GET", "POST"):
        status, head, body = exchange(server, method, "/_bodega/metrics", {"Origin": EVIL})
        assert status == 403 and "bodega_" not in body and "access-control-allow" not in head
    frame = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    assert exchange(server, "GET", "/_bodega/metrics", frame)[0] == 403
    followed = {**frame, "Sec-Fetch-Dest": "document"}
    assert exchange(server, "GET", "/_bodega/health", followed)[0] == 200


def test_a_page_cannot_use_redis(server):
    for first in (b"POST / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n"):
        with socket.create_connection(server.redis, timeout=10) as connection:
            connection.sendall(first + b"Host: 127.0.0.1:6379\r\nContent-Length: 27\r\n\r\n"
                                       b"SET from-a-page 1\r\nPING\r\n\r\n")
            got = b""
            try:
                while piece := connection.recv(65536):
                    got += piece
            except ConnectionError:
                pass
        assert b"+OK" not in got and b"+PONG" not in got
    assert redis_py.Redis(*server.redis).get("from-a-page") is None


# ---- A page's own name is made to point here ----

@pytest.mark.parametrize("mark", [{"Origin": f"{EVIL}:4566"}, {"Sec-Fetch-Site": "same-origin"},
                                  {"Sec-Fetch-Site": "none"}, {"Accept-Language": ""},
                                  {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}])
def test_a_rebound_name_is_refused(server, mark):
    rebound = {"Host": "evil.example:4566", **mark}
    for method, target, headers, body in [
            ("GET", "/bkt/k", {}, b""), ("GET", "/", {}, b""), ("PUT", "/bkt/k", {}, b"x"),
            ("DELETE", "/bkt/k", {}, b""), ("POST", "/", DELETE_TABLE, b'{"TableName":"victim"}'),
            ("GET", "/_bodega/metrics", {}, b""), ("OPTIONS", "/bkt/k", {}, b"")]:
        status, head, answer = exchange(server, method, target, {**headers, **rebound}, body)
        assert status == 403, (method, target, status)
        assert "--domains evil.example" in answer and "private" not in answer
        assert "access-control-allow" not in head
    assert is_untouched(server)


def test_clients_that_are_no_browsers_may_call_it_what_they_like(server):
    assert exchange(server, "GET", "/bkt/k", {"Host": "evil.example:4566"})[2] == "private"
    node = {"Host": "s3.corp.example", "Accept-Language": "*", "Sec-Fetch-Mode": "cors"}
    assert exchange(server, "GET", "/bkt/k", node)[2] == "private"


# ---- Pages that are welcome ----

@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://127.0.0.1:8443",
                                    "http://app.localhost", "http://[::1]:5173"])
def test_pages_of_this_machine_are_welcome(server, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT",
             "Access-Control-Request-Headers": "content-type,x-amz-date"}
    status, head, _ = exchange(server, "OPTIONS", "/bkt/from-a-page", asked)
    assert status == 200 and f"access-control-allow-origin: {origin}\r\n" in head
    assert "access-control-allow-headers: content-type,x-amz-date\r\n" in head
    status, head, _ = exchange(server, "PUT", "/bkt/from-a-page", {"Origin": origin}, b"x")
    assert status == 200 and f"access-control-allow-origin: {origin}\r\n" in head
    status, head, _ = exchange(server, "DELETE", "/bkt/from-a-page", {"Origin": origin})
    assert status == 204
    status, head, _ = exchange(server, "OPTIONS", "/", {
        **asked, "Access-Control-Request-Headers": "x-amz-target"})
    assert status == 200 and f"access-control-allow-origin: {origin}\r\n" in head
    listed = {**DELETE_TABLE, "X-Amz-Target": "DynamoDB_20120810.ListTables", "Origin": origin}
    status, head, body = exchange(server, "POST", "/", listed, b"{}")
    assert json.loads(body) == {"TableNames": ["victim"]}
    assert f"access-control-allow-origin: {origin}\r\n" in head + "\r\n"


def test_other_pages_by_setting():
    with Server("--cors-origins", "https://app.example,*.dev.example",
                "--domains", "bodega.example") as server:
        for origin in ("https://app.example", "http://a.dev.example:3000"):
            assert exchange(server, "PUT", "/a-bucket", {"Origin": origin})[0] == 200
        assert exchange(server, "PUT", "/b-bucket", {"Origin": EVIL})[0] == 403
        named = {"Host": "bodega.example:4566", "Sec-Fetch-Site": "none"}
        assert exchange(server, "GET", "/a-bucket", named)[0] == 200


def test_the_log_tells_of_each_stranger_once_and_not_for_ever():
    with Server() as server:
        for _ in range(3):
            exchange(server, "PUT", "/a-bucket", {"Origin": EVIL})
            exchange(server, "GET", "/", {"Host": "evil.example", "Origin": EVIL})
        said = server.stderr()
        assert said.count(f"--cors-origins {EVIL} ") == 1 and " warning kept out: " in said
        assert said.count("--domains evil.example ") == 1
        for i in range(200):
            exchange(server, "PUT", "/a-bucket", {"Origin": f"http://evil{i}.example"})
        assert len(server.stderr().splitlines()) < 80


# ---- With --auth verify ----

@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[a]\naws_access_key_id = AKIDONE\naws_secret_access_key = right\n")
    path.chmod(0o600)
    return str(path)


def signed_get(server, path, secret="right", service="s3"):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    request = AWSRequest("GET", server.http + path)
    SigV4Auth(Credentials("AKIDONE", secret), service, "us-east-1").add_auth(request)
    return requests.get(server.http + path, headers=dict(request.headers), timeout=5)


def test_verify_keeps_metrics_for_those_with_a_key(keys):
    with Server("--auth", "verify", "--credentials", keys) as server:
        assert requests.get(f"{server.http}/_bodega/metrics", timeout=5).status_code == 200
        forwarded = {"X-Forwarded-For": "203.0.113.9"}
        refused = requests.get(f"{server.http}/_bodega/metrics", timeout=5, headers=forwarded)
        assert refused.status_code == 403
    with Server("--http", "0.0.0.0:0", "--auth", "verify", "--credentials", keys) as server:
        server.http = server.http.replace("0.0.0.0", "127.0.0.1")
        for path in ("/_bodega/metrics", "/_bodega/other", "/_localstack/info"):
            assert requests.get(server.http + path, timeout=5).status_code == 403
        for path in ("/_bodega/health", "/_localstack/health"):
            assert requests.get(server.http + path, timeout=5).status_code == 200
        assert "bodega_" in signed_get(server, "/_bodega/metrics").text
        assert signed_get(server, "/_bodega/metrics", service="dynamodb").status_code == 200
        assert signed_get(server, "/_bodega/metrics", secret="wrong").status_code == 403


def test_verify_leaves_pages_to_their_signatures(keys):
    with Server("--auth", "verify", "--credentials", keys) as server:
        right = {"aws_access_key_id": "AKIDONE", "aws_secret_access_key": "right"}
        s3 = client("s3", server.http, **right)
        s3.create_bucket(Bucket="bkt")
        link = s3.generate_presigned_url("put_object", Params={"Bucket": "bkt", "Key": "k"})
        put = requests.put(link, data=b"x", headers={"Origin": EVIL}, timeout=5)
        assert put.status_code == 200 and "Access-Control-Allow-Origin" not in put.headers
        assert requests.put(f"{server.http}/bkt/k", data=b"y", headers={"Origin": EVIL},
                            timeout=5).status_code == 403


def modes(folder):
    for base, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            path = os.path.join(base, name)
            yield path, stat.S_IMODE(os.stat(path).st_mode)


def test_what_is_stored_is_its_owners_alone(tmp_path):
    old = os.umask(0o000)
    try:
        with Server(data=tmp_path / "d") as server:
            s3 = client("s3", server.http)
            s3.create_bucket(Bucket="bkt")
            s3.put_object(Bucket="bkt", Key="large", Body=b"x" * 200_000)
            redis_py.Redis(*server.redis).set("k", "v")
            found = dict(modes(tmp_path / "d"))
            server.stop()
            found.update(modes(tmp_path / "d"))
    finally:
        os.umask(old)
    assert len(found) > 10
    assert {path: oct(mode) for path, mode in found.items() if mode & 0o077} == {}


def test_an_open_folder_is_left_alone_and_open_secrets_are_told_of(tmp_path, keys):
    (tmp_path / "d").mkdir(mode=0o755)
    (tmp_path / "d").chmod(0o755)
    os.chmod(keys, 0o644)
    (tmp_path / "password").write_text("sesame\n")
    (tmp_path / "password").chmod(0o640)
    with Server("--auth", "verify", "--credentials", keys, "--redis-password-file",
                str(tmp_path / "password"), data=tmp_path / "d") as server:
        said = server.stderr()
        assert f"credentials file {keys} is open to other users" in said
        assert f"data folder {tmp_path / 'd'} is open to other users" in said
        assert f"password file {tmp_path / 'password'} is open to other users" in said
        assert redis_py.Redis(*server.redis, password="sesame").ping()
        assert stat.S_IMODE((tmp_path / "d").stat().st_mode) == 0o755
    settings = tmp_path / "settings"
    for text in ("threads = 1\n", "redis-password = sesame\n"):
        settings.write_text(text)
        settings.chmod(0o644)
        with Server("--config", str(settings), data=tmp_path / "e") as server:
            told = f"{settings} is open to other users" in server.stderr()
            assert told == ("password" in text)
    for path in (keys, tmp_path / "password"):
        os.chmod(path, 0o600)
    (tmp_path / "d").chmod(0o700)
    with Server("--auth", "verify", "--credentials", keys, data=tmp_path / "d") as server:
        assert "open to other users" not in server.stderr()


@pytest.mark.parametrize("flags", [["--redis-password", "s3same"], ["--redis-password=s3same"]])
def test_a_password_is_not_in_the_process_list(flags):
    with Server(*flags) as server:
        assert redis_py.Redis(*server.redis, password="s3same").ping()
        with open(f"/proc/{server.pid}/cmdline", "rb") as shown:
            line = shown.read()
        assert b"s3same" not in line and b"--redis-password" in line


def test_the_log_has_no_secrets(keys):
    with Server("--auth", "verify", "--credentials", keys, "--log-level", "trace",
                "--redis-password", "s3same") as server:
        right = {"aws_access_key_id": "AKIDONE", "aws_secret_access_key": "right"}
        links = []
        for version in ("s3v4", "s3"):
            s3 = client("s3", server.http, config={"signature_version": version},
                        aws_session_token="t0ken", **right)
            links.append(s3.generate_presigned_url("get_object", Params={"Bucket": "bkt", "Key": "k"}))
            with pytest.raises(s3.exceptions.ClientError):
                s3.list_buckets()
        secrets = {"t0ken", "s3same", "n3wpass"}
        for link in links:
            assert requests.get(link, timeout=5).status_code in (400, 403)
            secrets |= set(re.findall(r"Signature=([^&]+)", link))
        redis = redis_py.Redis(*server.redis, password="s3same")
        redis.config_set("requirepass", "n3wpass")
        said = server.stderr()
        assert "X-Amz-Credential=AKIDONE" in said and said.count("Signature=(redacted)") == 2
        assert [secret for secret in secrets if secret in said] == []


# ---- Whose path it is ----

def test_the_control_api_shadows_no_keys(server):
    s3 = client("s3", server.http)
    s3.create_bucket(Bucket="shadows")
    host = {"Host": "shadows.localhost:4566"}
    for key in ("_bodega/metrics", "_bodega/health", "_localstack/health"):
        assert exchange(server, "PUT", f"/{key}", host, b"an object")[0] == 200
        assert exchange(server, "GET", f"/{key}", host)[2] == "an object"
        assert s3.get_object(Bucket="shadows", Key=key)["Body"].read() == b"an object"
    assert "bodega_" in exchange(server, "GET", "/_bodega/metrics")[2]


def test_an_object_signed_for_dynamodb_is_not_healthy(server):
    scope = {"Authorization": DELETE_TABLE["Authorization"], "X-Amz-Date": "20260101T000000Z"}
    status, _, body = exchange(server, "GET", "/bkt/k", scope)
    assert status == 404 and "UnknownOperationException" in body
    assert exchange(server, "GET", "/", scope)[2].startswith("healthy: dynamodb.")


def test_an_old_link_cannot_be_extended(keys):
    with Server("--auth", "verify", "--credentials", keys) as server:
        s3 = client("s3", server.http, config={"signature_version": "s3"},
                    aws_access_key_id="AKIDONE", aws_secret_access_key="right")
        s3.create_bucket(Bucket="bkt")
        s3.put_object(Bucket="bkt", Key="k", Body=b"x")
        bucket = s3.generate_presigned_url("list_objects", Params={"Bucket": "bkt"})
        object_ = s3.generate_presigned_url("get_object", Params={"Bucket": "bkt", "Key": "k"})
        assert requests.get(bucket, timeout=5).status_code == 200
        assert requests.get(object_, timeout=5).status_code == 200
        for link, more in ((bucket, "abac"), (bucket, "session"), (bucket, "metadataTable"),
                           (object_, "attributes"), (object_, "renameObject"), (object_, "tagging")):
            answer = requests.get(f"{link}&{more}", timeout=5)
            assert answer.status_code in (400, 403, 405), (more, answer.status_code, answer.text)
