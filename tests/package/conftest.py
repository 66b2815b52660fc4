"""Fixtures of the tests of what script/package made: each archive is installed as its users do, and the
program in it is started and talked to. BODEGA_DIST names another folder than dist/."""

import os
import pathlib
import sys

import boto3
import pytest
import redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIST = pathlib.Path(os.environ.get("BODEGA_DIST") or ROOT / "dist")
# As in script/lib.sh.
PRESET = os.environ.get("BODEGA_PRESET") or ("ci" if os.environ.get("CI") else "release")

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from server import Server  # noqa: E402


@pytest.fixture
def archive():
    """Finds the one archive of a kind."""
    def find(pattern):
        found = sorted(DIST.glob(pattern))
        assert len(found) == 1, f"{pattern} in {DIST}: {found}"
        return found[0]
    return find


def talk(server):
    def client(service):
        return boto3.client(service, endpoint_url=server.http, aws_access_key_id="test",
                            aws_secret_access_key="test", region_name="us-east-1")

    s3 = client("s3")
    s3.create_bucket(Bucket="packed")
    s3.put_object(Bucket="packed", Key="k", Body=b"meow")
    assert s3.get_object(Bucket="packed", Key="k")["Body"].read() == b"meow"
    assert client("dynamodb").list_tables()["TableNames"] == []
    connection = redis.Redis(host=server.redis[0], port=server.redis[1])
    assert connection.set("k", "v") and connection.get("k") == b"v"
    connection.close()


@pytest.fixture
def serves():
    """Starts a program, talks to it in three languages and stops it: it must end with status 0."""
    def check(binary, under=(), env=None, also=lambda server: None):
        server = Server(binary=str(binary), under=under, env=env).start()
        try:
            talk(server)
            also(server)
        except BaseException:
            server.kill()
            raise
        assert server.stop() == 0
    return check
