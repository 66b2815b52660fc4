"""Seed files and init folders: what is there once the server says Ready."""

import pathlib
import signal
import subprocess
import time

import pytest
import redis as redis_py
import requests

from conftest import client
from server import BINARY, Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint')",
                                reason="these tests start their own servers")

SEED = """
buckets:
  - name: photos
    versioning: true
    files:
      - {key: hello.txt, text: Hello, metadata: {author: me}}
      - {folder: site, prefix: www/}
tables:
  - TableName: users
    KeySchema: [{AttributeName: id, KeyType: HASH}]
    AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
    items:
      - {id: ada, born: 1815, langs: [en, fr]}
redis:
  greeting: hello
  user:1: {name: Ada}
kms:
  - {alias: alias/app}
"""


@pytest.fixture
def seed(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<html>")
    path = tmp_path / "seed.yaml"
    path.write_text(SEED)
    return path


def check_seeded(server):
    s3, dynamodb = client("s3", server.http), client("dynamodb", server.http)
    hello = s3.get_object(Bucket="photos", Key="hello.txt")
    assert hello["Body"].read() == b"Hello"
    assert (hello["ContentType"], hello["Metadata"]) == ("text/plain", {"author": "me"})
    page = s3.get_object(Bucket="photos", Key="www/index.html")
    assert (page["Body"].read(), page["ContentType"]) == (b"<html>", "text/html")
    item = dynamodb.get_item(TableName="users", Key={"id": {"S": "ada"}})["Item"]
    assert item == {"id": {"S": "ada"}, "born": {"N": "1815"},
                    "langs": {"L": [{"S": "en"}, {"S": "fr"}]}}
    redis = redis_py.Redis(*server.redis, decode_responses=True)
    assert redis.get("greeting") == "hello" and redis.hgetall("user:1") == {"name": "Ada"}
    kms = client("kms", server.http)
    assert kms.describe_key(KeyId="alias/app")["KeyMetadata"]["Enabled"]


def test_all_of_it_is_there_when_the_server_is_ready(tmp_path, seed):
    with Server("--seed", str(seed), data=tmp_path / "data") as server:
        check_seeded(server)
        client("s3", server.http).put_object(Bucket="photos", Key="hello.txt", Body=b"mine")
        redis_py.Redis(*server.redis).set("greeting", "mine")
    with Server("--seed", str(seed), data=tmp_path / "data") as server:
        s3 = client("s3", server.http)
        assert s3.get_object(Bucket="photos", Key="hello.txt")["Body"].read() == b"mine"
        assert redis_py.Redis(*server.redis).get("greeting") == b"mine"
        assert len(client("kms", server.http).list_keys()["Keys"]) == 1


def test_it_needs_no_key_of_a_server_that_verifies(tmp_path, seed):
    keys = tmp_path / "keys"
    keys.write_text("[default]\naws_access_key_id = AKIAONE\naws_secret_access_key = secret\n")
    keys.chmod(0o600)
    with Server("--seed", str(seed), "--auth", "verify", "--credentials", str(keys),
                "--redis-password", "pw") as server:
        redis = redis_py.Redis(*server.redis, password="pw")
        assert redis.get("greeting") == b"hello"
        s3 = client("s3", server.http, aws_access_key_id="AKIAONE", aws_secret_access_key="secret")
        assert s3.get_object(Bucket="photos", Key="hello.txt")["Body"].read() == b"Hello"


def test_a_mistake_refuses_the_start_and_changes_nothing(tmp_path, seed):
    seed.write_text(SEED + "bukets: []\n")
    data = tmp_path / "data"
    ended = subprocess.run([BINARY, "--http", "127.0.0.1:0", "--redis", "off", "--data", data,
                            "--seed", seed], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1 and "Ready." not in ended.stdout
    assert f'--seed: {seed}:{SEED.count(chr(10)) + 1}: "bukets" is no member' in ended.stderr
    seed.write_text(SEED.replace("name: photos", "name: Photos"))
    ended = subprocess.run([BINARY, "seed", data, seed], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert f'{seed}:3: the bucket "Photos": InvalidBucketName: ' in ended.stderr
    with Server(data=data) as server:
        assert client("s3", server.http).list_buckets()["Buckets"] == []
        assert redis_py.Redis(*server.redis).dbsize() == 0


def test_a_folder_can_be_seeded_without_a_server(tmp_path, seed):
    data = tmp_path / "data"
    for line in ("1 bucket, 2 files, 1 table, 1 item, 2 Redis keys, 1 KMS key",
                 "1 bucket (0 new), 2 files (0 new), 1 table (0 new), 1 item (0 new), "
                 "2 Redis keys (0 new), 1 KMS key (0 new)"):
        ended = subprocess.run([BINARY, "seed", data, seed], capture_output=True, text=True,
                               timeout=30)
        assert (ended.returncode, ended.stdout) == (0, line + "\n"), ended.stderr
    with Server(data=data) as server:
        check_seeded(server)


# ---- Init folders ----

def script(folder, name, text):
    path = pathlib.Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text + "\n")
    path.chmod(0o755)
    return path


def init_state(server, stage=""):
    return requests.get(f"{server.http}/_localstack/init{stage}", timeout=10).json()


def test_stages_run_in_their_order_around_ready(tmp_path, seed):
    init, said = tmp_path / "init", tmp_path / "said"
    ask = ('python3 -c "import sys, urllib.request as r; '
           'r.urlopen(sys.argv[1] + \\"/_bodega/health\\", timeout=2)" $AWS_ENDPOINT_URL')
    script(init, "boot.d/1.sh", f"echo boot >> {said}")
    script(init, "start.d/1.sh", f"({ask} 2>/dev/null) && echo answers >> {said}\n"
                                 f"echo start >> {said}")
    script(init, "ready.d/1.sh", f"{ask} && echo ready >> {said}; echo $AWS_ACCESS_KEY_ID")
    script(init, "ready.d/2.sh", "echo no luck; exit 7")
    (init / "ready.d" / "3.yaml").write_text(SEED.replace("- {folder: site, prefix: www/}", ""))
    script(init, "shutdown.d/1.sh", f"{ask} && echo bye >> {said}")
    with Server("--init", str(init)) as server:
        assert said.read_text() == "boot\nstart\nready\n"
        assert redis_py.Redis(*server.redis).get("greeting") == b"hello"
        client("s3", server.http).head_object(Bucket="photos", Key="hello.txt")
        state = init_state(server)
        assert state["completed"] == {"BOOT": True, "START": True, "READY": True,
                                      "SHUTDOWN": False}
        assert state["scripts"] == [
            {"stage": stage, "name": name, "state": was} for stage, name, was in [
                ("BOOT", "1.sh", "SUCCESSFUL"), ("START", "1.sh", "SUCCESSFUL"),
                ("READY", "1.sh", "SUCCESSFUL"), ("READY", "2.sh", "ERROR"),
                ("READY", "3.yaml", "SUCCESSFUL"), ("SHUTDOWN", "1.sh", "UNKNOWN")]]
        assert init_state(server, "/ready")["completed"] is True
        assert f"{init}/ready.d/2.sh failed: it ended with status 7; its last line: no luck" \
            in server.stderr()
    assert said.read_text() == "boot\nstart\nready\nbye\n"


def is_alive(process_id):
    """A dead process may wait for its parent to ask for its status."""
    try:
        status = pathlib.Path(f"/proc/{process_id}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def test_a_stop_ends_a_script_that_is_at_work(tmp_path):
    begun = tmp_path / "begun"
    script(tmp_path / "init", "ready.d/1.sh", f"sleep 100 & echo $! > {begun}; sleep 100")
    process = subprocess.Popen([BINARY, "--http", "127.0.0.1:0", "--redis", "off", "--init",
                                tmp_path / "init"], stdout=subprocess.PIPE, text=True)
    for _ in range(500):
        if begun.exists() and begun.read_text():
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    assert not is_alive(int(begun.read_text()))


def test_shutdown_scripts_take_no_longer_than_the_stop_timeout(tmp_path):
    script(tmp_path / "init", "shutdown.d/1.sh", "sleep 100")
    server = Server("--init", str(tmp_path / "init"), "--stop-timeout", "1").start()
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=20)
    assert time.monotonic() - begun < 10
