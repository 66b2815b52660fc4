"""The status of the process, and the pages that tools know from the servers that Bodega stands in for."""

import time

import pytest
import redis as redis_py
import requests

from conftest import client
from server import Server


def status(server):
    answer = requests.get(f"{server.http}/_bodega/status")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def await_keys(server, expected):
    """The Redis loop tells of its keys twice a second."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        told = status(server)["redis"]
        if told == expected:
            return
        time.sleep(0.1)
    assert told == expected


def test_status_shows_what_is_stored_and_what_was_asked(tmp_path):
    with Server(data=tmp_path / "data") as server:
        s3, dynamodb = client("s3", server.http), client("dynamodb", server.http)
        s3.create_bucket(Bucket="photos")
        for number in range(3):
            s3.put_object(Bucket="photos", Key=f"{number}", Body=b"x" * 1000)
        with pytest.raises(s3.exceptions.NoSuchKey):
            s3.get_object(Bucket="photos", Key="none")
        dynamodb.create_table(TableName="visits", BillingMode="PAY_PER_REQUEST",
                              AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                              KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        dynamodb.put_item(TableName="visits", Item={"id": {"S": "1"}})
        client("kms", server.http).create_key()
        got = status(server)
        assert got["addresses"][0] == server.http
        assert got["addresses"][1] == f"redis://{server.redis[0]}:{server.redis[1]}"
        assert "dynamodb" in got["services"]
        assert got["data"] == str(tmp_path / "data") and got["durability"] == "process"
        assert got["auth"] == "off"
        assert 0 <= got["uptime_seconds"] < 60
        stored = got["stored"]
        assert stored["s3"]["objects"] == 3 and stored["s3"]["bytes"] == 3000
        assert not stored["s3"]["at_least"]
        assert [bucket["name"] for bucket in stored["s3"]["buckets"]] == ["photos"]
        assert stored["dynamodb"]["tables"][0]["name"] == "visits"
        assert stored["dynamodb"]["tables"][0]["items"] == 1
        assert stored["kms"]["keys"] == 1
        asked = [(one["service"], one["operation"], one["status"]) for one in got["requests"]]
        assert asked[:3] == [("kms", "CreateKey", 200), ("dynamodb", "PutItem", 200),
                             ("dynamodb", "CreateTable", 200)]
        missed = next(one for one in got["requests"] if one["status"] == 404)
        assert missed["resource"] == "photos/none" and missed["error"] == "NoSuchKey"
        assert missed["message"] == "The specified key does not exist."
        assert len(got["requests"]) == 8
        assert got["missing"] == []


def test_status_shows_the_keys_of_each_database():
    with Server() as server:
        first = redis_py.Redis(*server.redis)
        first.mset({"a": 1, "b": 2})
        first.set("c", 3, ex=1000)
        redis_py.Redis(*server.redis, db=5).set("d", 4)
        await_keys(server, [{"keyspace": "", "databases": [
            {"number": 0, "keys": 3, "expiring": 1}, {"number": 5, "keys": 1, "expiring": 0}]}])
        first.flushall()
        await_keys(server, [{"keyspace": "", "databases": []}])


def test_status_and_missing_need_what_metrics_need(tmp_path):
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = AKIAONE\naws_secret_access_key = s\n")
    credentials.chmod(0o600)
    with Server("--auth", "verify", "--credentials", str(credentials)) as server:
        forwarded = {"X-Forwarded-For": "10.0.0.9"}
        for path in ("_bodega/status", "_bodega/missing", "_localstack/info"):
            assert requests.get(f"{server.http}/{path}").status_code == 200
            assert requests.get(f"{server.http}/{path}", headers=forwarded).status_code == 403
    with Server() as server:
        stranger = {"Origin": "http://evil.example"}
        for path in ("_bodega/status", "_bodega/missing", "_localstack/info", "minio/health/live"):
            assert requests.get(f"{server.http}/{path}", headers=stranger).status_code == 403


def test_localstack_pages(bodega):
    info = requests.get(f"{bodega.http}/_localstack/info").json()
    assert info["edition"] == "community" and info["is_license_activated"] is False
    assert info["uptime"] >= 0
    init = requests.get(f"{bodega.http}/_localstack/init").json()
    assert init["completed"]["READY"] is True
    assert requests.get(f"{bodega.http}/_localstack/init/ready").json()["completed"] is True
    assert requests.get(f"{bodega.http}/_localstack/diagnose").json()["services"]["s3"] == "running"
    assert requests.head(f"{bodega.http}/_localstack/health").status_code == 200
    refused = requests.post(f"{bodega.http}/_localstack/health", json={"action": "restart"})
    assert refused.status_code == 501 and "error" in refused.json()
    assert requests.get(f"{bodega.http}/_localstack/health").status_code == 200


def test_minio_health_and_a_bucket_called_minio(bodega, s3):
    for path in ("live", "ready", "cluster", "cluster/read"):
        answer = requests.get(f"{bodega.http}/minio/health/{path}")
        assert answer.status_code == 200 and answer.content == b""
        assert requests.head(f"{bodega.http}/minio/health/{path}").status_code == 200
    s3.create_bucket(Bucket="minio")
    s3.put_object(Bucket="minio", Key="health/live", Body=b"an object")
    assert s3.get_object(Bucket="minio", Key="health/live")["Body"].read() == b"an object"
    s3.delete_object(Bucket="minio", Key="health/live")
    s3.delete_bucket(Bucket="minio")


def test_the_root_of_dynamodb_locals_port():
    with Server("--http", "127.0.0.94:8000") as server:
        answer = requests.get(server.http)
        assert answer.status_code == 400
        assert answer.json()["__type"].endswith("#MissingAuthenticationToken")
        # curl without -f, as compose files have it, takes any answer; a Java client any below 500.
        assert client("dynamodb", server.http).list_tables()["TableNames"] == []
        assert client("s3", server.http).list_buckets()["Buckets"] == []
