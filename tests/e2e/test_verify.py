"""Damage on the disk: found by `bodega verify` and POST /_bodega/verify, never served as good data."""

import os
import pathlib
import socket
import subprocess
import threading
import time

import pytest
import requests

from conftest import client
from server import BINARY, Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint')",
                                reason="these tests start their own servers")

LARGE = 1024 * 1024


def verify_folder(data):
    return subprocess.run([BINARY, "verify", str(data)], capture_output=True, text=True, timeout=60)


def blob_files(data):
    return sorted((path for path in pathlib.Path(data, "blobs").glob("??/*")), key=lambda p: p.name)


def flip_a_byte(path):
    with open(path, "r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))


@pytest.fixture
def data(tmp_path):
    """A folder with ten objects of LARGE bytes, an upload of two parts, an item and a key."""
    folder = tmp_path / "data"
    with Server(data=folder) as server:
        s3 = client("s3", server.http)
        s3.create_bucket(Bucket="bkt")
        for i in range(10):
            s3.put_object(Bucket="bkt", Key=f"k{i}", Body=os.urandom(LARGE))
        upload = s3.create_multipart_upload(Bucket="bkt", Key="open")["UploadId"]
        for number in (1, 2):
            s3.upload_part(Bucket="bkt", Key="open", UploadId=upload, PartNumber=number,
                           Body=os.urandom(LARGE))
        dynamodb = client("dynamodb", server.http)
        dynamodb.create_table(TableName="table", BillingMode="PAY_PER_REQUEST",
                              AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
                              KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}])
        dynamodb.put_item(TableName="table", Item={"p": {"S": "1"}})
        with socket.create_connection(server.redis) as redis:
            redis.sendall(b"SET a 1\r\n")
            assert redis.recv(100) == b"+OK\r\n"
    return folder


def test_a_folder_that_is_well(data):
    done = verify_folder(data)
    assert done.returncode == 0, done
    assert done.stdout == (f"10 objects and 2 parts of uploads ({12 * LARGE} bytes), 1 items, 1 keys, "
                           f"{done.stdout.split(' records')[0].split()[-1]} records in all; all is well\n")


def test_a_flipped_byte_is_found_by_both(data):
    flip_a_byte(blob_files(data)[3])
    done = verify_folder(data)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "bkt/k3, version null: its bytes do not have its MD5"
    assert len(lines) == 2 and lines[1].endswith("1 damaged")

    with Server(data=data) as server:
        said = requests.post(server.http + "/_bodega/verify", timeout=60)
        assert said.status_code == 200
        report = said.json()
        assert report["status"] == "damaged" and report["damages"] == 1
        assert report["damaged"] == [{"bucket": "bkt", "key": "k3", "version": "null",
                                      "what": "its bytes do not have its MD5"}]
        assert (report["objects"], report["parts"], report["items"], report["keys"]) == (10, 2, 1, 1)
        assert report["bytes"] == 12 * LARGE
        assert requests.get(server.http + "/_bodega/verify", timeout=10).json() == report
        assert "damaged: bkt/k3" in server.stderr()


def test_verify_says_what_it_cannot_read(tmp_path, data):
    assert verify_folder(tmp_path / "absent").returncode == 1
    with Server(data=data):
        done = verify_folder(data)
        assert done.returncode == 1 and "in use by another Bodega" in done.stderr
    assert subprocess.run([BINARY, "verify"], capture_output=True).returncode == 2


def test_verify_runs_beside_writes(data):
    with Server(data=data) as server:
        stop = threading.Event()
        failures = []

        def write():
            s3 = client("s3", server.http)
            for i in range(10_000):
                if stop.is_set():
                    return
                try:
                    key = f"w{i % 5}"
                    s3.put_object(Bucket="bkt", Key=key, Body=os.urandom(200_000))
                    if i % 3 == 0:
                        s3.delete_object(Bucket="bkt", Key=key)
                except Exception as error:  # noqa: BLE001
                    failures.append(error)
                    return

        writers = [threading.Thread(target=write) for _ in range(3)]
        for writer in writers:
            writer.start()
        try:
            for _ in range(5):
                report = requests.post(server.http + "/_bodega/verify", timeout=60).json()
                assert report["status"] == "ok", report
                assert report["objects"] >= 10
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        assert failures == []


def test_a_short_blob_answers_500_and_is_logged(data):
    os.truncate(blob_files(data)[2], LARGE // 2)
    with Server(data=data) as server:
        got = requests.get(server.http + "/bkt/k2", timeout=10)
        assert got.status_code == 500 and "InternalError" in got.text
        line = next(line for line in server.stderr().splitlines() if "bkt/k2" in line)
        assert "error" in line and "s3.GetObject" in line and got.headers["x-amz-request-id"] in line
        assert f"has {LARGE // 2} bytes, where its record needs {LARGE}" in line
        assert requests.get(server.http + "/bkt/k1", timeout=10).status_code == 200


def test_a_reply_that_breaks_off_is_logged(data):
    big = 64 * 1024 * 1024
    with Server(data=data) as server:
        s3 = client("s3", server.http)
        s3.put_object(Bucket="bkt", Key="big", Body=bytes(big))
        with socket.create_connection(server.http_address) as slow:
            slow.sendall(b"GET /bkt/big HTTP/1.1\r\nHost: x\r\n\r\n")
            head = slow.recv(1000)
            assert head.startswith(b"HTTP/1.1 200")
            request_id = head.split(b"x-amz-request-id: ")[1].split(b"\r\n")[0].decode()
            os.truncate(blob_files(data)[-1], big // 2)
            while slow.recv(1 << 20):
                pass
        deadline = time.monotonic() + 5
        while "broke off" not in server.stderr() and time.monotonic() < deadline:
            time.sleep(0.05)
        line = next(line for line in server.stderr().splitlines() if "broke off" in line)
        assert "error" in line and "s3.GetObject bkt/big" in line and request_id in line


def test_a_share_of_reads_is_verified(data):
    flip_a_byte(blob_files(data)[5])
    with Server(data=data) as server:
        assert requests.get(server.http + "/bkt/k5", timeout=10).status_code == 200
    with Server("--verify-reads", "100", data=data) as server:
        got = requests.get(server.http + "/bkt/k5", timeout=10)
        assert got.status_code == 500 and "InternalError" in got.text
        assert "bkt/k5" in server.stderr() and "its bytes do not have its MD5" in server.stderr()
        assert requests.get(server.http + "/bkt/k4", timeout=10).status_code == 200


def test_freeing_many_parts_holds_up_nobody(tmp_path):
    """An abort of thousands of parts gives its files back beside the event loop, not on it."""
    parts = 2000
    with Server("--threads", "1", data=tmp_path / "data") as server:
        s3 = client("s3", server.http)
        s3.create_bucket(Bucket="bkt")
        upload = s3.create_multipart_upload(Bucket="bkt", Key="k")["UploadId"]
        session = requests.Session()
        for number in range(1, parts + 1):
            url = f"{server.http}/bkt/k?partNumber={number}&uploadId={upload}"
            assert session.put(url, data=b"x", timeout=10).status_code == 200
        assert len(blob_files(tmp_path / "data")) == parts
        s3.abort_multipart_upload(Bucket="bkt", Key="k", UploadId=upload)
        # The answer does not wait for the files; they go soon.
        deadline = time.monotonic() + 30
        while blob_files(tmp_path / "data") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert blob_files(tmp_path / "data") == []
