"""POST /_bodega/reset: milliseconds, whatever is stored; durable; not for web pages of others."""

import pathlib
import random
import threading
import time

import pytest
import redis as redis_py
import requests

from conftest import client
from server import Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint')",
                                reason="these tests start their own servers")

OBJECTS = 1000
LARGE = 100 * 1024  # in a file of its own


def reset(server, path="/_bodega/reset", **query):
    return requests.post(server.http + path, params=query, timeout=30)


def redis_of(server):
    return redis_py.Redis(*server.redis)


def table(server, name="things"):
    dynamodb = client("dynamodb", server.http)
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])
    return dynamodb


def fill(server, redis, objects=20, size=LARGE):
    s3 = client("s3", server.http)
    s3.create_bucket(Bucket="bkt")
    for i in range(objects):
        s3.put_object(Bucket="bkt", Key=f"k{i}", Body=bytes(size))
    dynamodb = table(server)
    for start in range(0, objects, 25):
        dynamodb.batch_write_item(RequestItems={"things": [
            {"PutRequest": {"Item": {"p": {"S": str(i)}}}}
            for i in range(start, min(start + 25, objects))]})
    redis.mset({f"k{i}": "v" for i in range(objects)})
    return s3, dynamodb


def contents(server, redis):
    """What each service has: (buckets, objects), (tables, items), keys."""
    s3, dynamodb = client("s3", server.http), client("dynamodb", server.http)
    buckets = [b["Name"] for b in s3.list_buckets()["Buckets"]]
    objects = sum(page["KeyCount"] for name in buckets
                  for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name))
    tables = dynamodb.list_tables()["TableNames"]
    items = sum(page["Count"] for name in tables
                for page in dynamodb.get_paginator("scan").paginate(TableName=name))
    return (len(buckets), objects), (len(tables), items), redis.dbsize()


def blob_files(data):
    return sum(1 for _ in pathlib.Path(data, "blobs").glob("??/*"))


def wait_for(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come true in 5 seconds")


def test_everything_goes_and_stays_gone(tmp_path):
    with Server(data=tmp_path) as server:
        redis = redis_of(server)
        s3, _ = fill(server, redis)
        key = client("kms", server.http).create_key()["KeyMetadata"]["KeyId"]
        body = s3.get_object(Bucket="bkt", Key="k0")["Body"]
        answer = reset(server)
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok", "reset": {
            "s3": {"buckets": 1}, "dynamodb": {"tables": 1, "items": 20}, "redis": {"keys": 20},
            "kms": {}, "sts": {}}}
        assert body.read() == bytes(LARGE)  # who was reading reads on
        assert contents(server, redis) == ((0, 0), (0, 0), 0)
        assert client("kms", server.http).list_keys()["Keys"] == []
        with pytest.raises(client("kms", server.http).exceptions.NotFoundException):
            client("kms", server.http).describe_key(KeyId=key)
        wait_for(lambda: blob_files(tmp_path) == 0)
        fill(server, redis, objects=3)  # the same names again
        assert contents(server, redis) == ((1, 3), (1, 3), 3)
        server.kill()
    with Server(data=tmp_path) as server:
        assert contents(server, redis_of(server)) == ((1, 3), (1, 3), 3)
        assert requests.post(server.http + "/_bodega/verify", timeout=30).json()["damages"] == 0


def test_one_service_or_one_account(tmp_path):
    with Server(data=tmp_path) as server:
        redis = redis_of(server)
        fill(server, redis, objects=2, size=10)
        other = client("s3", server.http, aws_access_key_id="111122223333")
        other.create_bucket(Bucket="of-another")
        assert reset(server, account="111122223333").json()["reset"]["s3"] == {"buckets": 1}
        assert contents(server, redis) == ((1, 2), (1, 2), 2)
        assert reset(server, "/_localstack/state/redis/reset").status_code == 200
        assert contents(server, redis) == ((1, 2), (1, 2), 0)
        assert reset(server, service="s3").json()["reset"] == {"s3": {"buckets": 1}}
        assert contents(server, redis) == ((0, 0), (1, 2), 0)
        assert reset(server, service="redis", account="111122223333").status_code == 400
        assert reset(server, "/moto-api/reset").status_code == 200
        assert contents(server, redis) == ((0, 0), (0, 0), 0)


@pytest.mark.parametrize("path", ["/_bodega/reset", "/_localstack/state/reset", "/moto-api/reset"])
def test_a_web_page_of_others_resets_nothing(bodega, s3, bucket, path):
    for mark in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                 {"Sec-Fetch-Site": "cross-site"}):
        answer = requests.post(bodega.http + path, headers=mark, timeout=30)
        assert answer.status_code == 403 and "--cors-origins" in answer.text
    rebound = {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"}
    assert requests.post(bodega.http + path, headers=rebound, timeout=30).status_code == 403
    s3.head_bucket(Bucket=bucket)


def test_only_who_is_known_resets(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("[default]\naws_access_key_id = AKIAONE\naws_secret_access_key = secret\n")
    keys.chmod(0o600)
    with Server("--auth", "verify", "--credentials", str(keys)) as server:
        forwarded = {"X-Forwarded-For": "10.0.0.9"}
        answer = requests.post(server.http + "/_bodega/reset", headers=forwarded, timeout=30)
        assert answer.status_code == 403


def test_an_acknowledged_write_of_after_stays(tmp_path):
    """Writers beside resets: what was acknowledged after the last answer is there."""
    with Server(data=tmp_path) as server:
        redis = redis_of(server)
        done = threading.Event()
        problems = []

        def write():
            s3 = client("s3", server.http)
            while not done.is_set():
                try:
                    s3.create_bucket(Bucket="bkt")
                    s3.put_object(Bucket="bkt", Key="k", Body=bytes(LARGE))
                    s3.get_object(Bucket="bkt", Key="k")["Body"].read()
                except (s3.exceptions.NoSuchBucket, s3.exceptions.NoSuchKey):
                    pass
                except Exception as error:
                    problems.append(error)
                    return

        threads = [threading.Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        for i in range(40):
            redis.set("before", i)
            assert reset(server).status_code == 200
            redis.set("after", i)
            assert redis.get("after") == str(i).encode() and redis.get("before") is None
        done.set()
        for thread in threads:
            thread.join()
        assert not problems
        reset(server)
        s3 = client("s3", server.http)
        s3.create_bucket(Bucket="bkt")
        s3.put_object(Bucket="bkt", Key="k", Body=bytes(LARGE))
        wait_for(lambda: blob_files(tmp_path) == 1)


def test_a_kill_leaves_every_service_whole_or_reset(tmp_path):
    """The process is killed around a reset of hundreds of objects, items and keys."""
    outcomes = set()
    for number in range(5):
        data = tmp_path / str(number)
        with Server(data=data) as server:
            redis = redis_of(server)
            fill(server, redis, objects=OBJECTS // 3, size=70 * 1024)
            asked = threading.Thread(target=lambda: ask_and_lose(server))
            asked.start()
            time.sleep(random.random() ** 3 * 0.03)
            server.kill()
            asked.join()
        with Server(data=data) as server:
            count = OBJECTS // 3
            s3, dynamodb, keys = contents(server, redis_of(server))
            assert s3 in ((0, 0), (1, count))
            assert dynamodb in ((0, 0), (1, count))
            assert keys in (0, count)
            report = requests.post(server.http + "/_bodega/verify", timeout=60).json()
            assert report["status"] == "ok", report
            wait_for(lambda: blob_files(data) == s3[1])
            outcomes.add((s3[0], dynamodb[0], keys > 0))
    assert outcomes


def ask_and_lose(server):
    try:
        reset(server)
    except requests.ConnectionError:
        pass


@pytest.mark.parametrize("service", ["s3", "dynamodb", "redis"])
def test_it_takes_no_longer_for_more(tmp_path, service):
    """Ten times as much makes no difference, within what a loaded machine does."""
    with Server(data=tmp_path) as server:
        redis = redis_of(server)
        times = []
        for objects in (OBJECTS // 10, OBJECTS):
            fill(server, redis, objects=objects, size=10)
            begun = time.monotonic()
            assert reset(server, service=service).status_code == 200
            times.append(time.monotonic() - begun)
            reset(server)
        assert times[1] < 5 * times[0] + 0.25, times
