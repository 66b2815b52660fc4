"""HTTP as bytes on a socket: framing, limits, and what malformed input does."""

import json
import socket
import time

import pytest
import requests


@pytest.fixture
def wire(bodega):
    """A fresh connection; send bytes, read what comes until it pauses or closes."""
    host, port = bodega.http.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    yield connection
    connection.close()


def read_until(connection, end, limit_s=10):
    got = b""
    deadline = time.monotonic() + limit_s
    while end not in got and time.monotonic() < deadline:
        piece = connection.recv(65536)
        if not piece:
            break
        got += piece
    return got


def read_to_close(connection):
    got = b""
    while piece := connection.recv(65536):
        got += piece
    return got


def test_pipelined_requests_are_answered_in_order(wire, bucket, s3):
    for name in "abc":
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode() * 10)
    wire.sendall(b"".join(f"GET /{bucket}/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
                          for name in "abc"))
    got = read_until(wire, b"c" * 10)
    assert got.count(b"HTTP/1.1 200 OK") == 3
    assert got.index(b"a" * 10) < got.index(b"b" * 10) < got.index(b"c" * 10)


def test_expect_continue_is_answered_at_once(wire, bucket):
    wire.sendall(f"PUT /{bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                 "Expect: 100-continue\r\n\r\n".encode())
    assert read_until(wire, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.sendall(b"hello")
    assert read_until(wire, b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")


def test_expect_continue_with_an_error_gets_the_error(wire):
    wire.sendall(b"PUT /no-such-bucket-here/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                 b"Expect: 100-continue\r\n\r\n")
    got = read_until(wire, b"</Error>")
    assert got.startswith(b"HTTP/1.1 404 ") and b"NoSuchBucket" in got


def test_chunked_bodies(wire, bucket, s3):
    wire.sendall(f"PUT /{bucket}/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n".encode())
    assert read_until(wire, b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello world"


def test_head_has_the_length_and_no_body(wire, bucket, s3):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 1000)
    wire.sendall(f"HEAD /{bucket}/k HTTP/1.1\r\nHost: x\r\n\r\nHEAD /{bucket}/none HTTP/1.1\r\n"
                 "Host: x\r\nConnection: close\r\n\r\n".encode())
    got = read_to_close(wire)
    assert b"content-length: 1000\r\n" in got.lower()
    assert got.count(b"HTTP/1.1 ") == 2 and b"xxxx" not in got and b"<Error>" not in got


def test_http_1_0_closes(wire):
    wire.sendall(b"GET /_bodega/health HTTP/1.0\r\n\r\n")
    assert b" 200 " in read_to_close(wire).split(b"\r\n")[0]


@pytest.mark.parametrize("bytes_", [
    b"\x00\x01\x02\x03\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon here\r\n\r\n", b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
])
def test_malformed_bytes_get_400_and_a_closed_connection(wire, bodega, bytes_):
    try:
        wire.sendall(bytes_)
        got = read_to_close(wire)
    except ConnectionError:
        got = b""
    assert got == b"" or got.startswith((b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 431",
                                         b"HTTP/1.1 505")), got
    assert requests.get(f"{bodega.http}/_bodega/health", timeout=5).status_code == 200


def test_a_client_that_dies_half_way_leaves_nothing(bodega, bucket, s3):
    host, port = bodega.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as dying:
        dying.sendall(f"PUT /{bucket}/half HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
                      .encode() + b"x" * 500_000)
    time.sleep(0.3)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_health_and_metrics(bodega, s3, bucket):
    health = requests.get(f"{bodega.http}/_bodega/health", timeout=5).json()
    assert health["status"] == "ok" or health.get("services")
    localstack = requests.get(f"{bodega.http}/_localstack/health", timeout=5).json()
    assert localstack["services"]["s3"] in ("running", "available")
    assert localstack["services"]["dynamodb"] in ("running", "available")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    metrics = requests.get(f"{bodega.http}/_bodega/metrics", timeout=5)
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert 'operation="PutObject"' in metrics.text
    assert "_bucket{" in metrics.text and "_sum{" in metrics.text


def test_unknown_paths_of_the_control_api(bodega):
    answer = requests.get(f"{bodega.http}/_bodega/nothing", timeout=5)
    assert answer.status_code == 404


def test_dynamodb_front_door(bodega):
    answer = requests.post(bodega.http, timeout=5, data="{not json", headers={
        "X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
                         "SignedHeaders=host, Signature=00", "X-Amz-Date": "20260101T000000Z"})
    assert answer.status_code == 400
    assert json.loads(answer.text)["__type"] == "com.amazon.coral.service#SerializationException"
    assert len(answer.headers["x-amzn-RequestId"]) == 52
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.0"
