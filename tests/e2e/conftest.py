"""Fixtures of the end-to-end tests. By default they start the built binary once for the whole run;
`--endpoint URL` and `--redis HOST:PORT` aim them at any other server."""

import os
import subprocess
import sys
import uuid

import boto3
import botocore.config
import pytest
import redis as redis_py

sys.path.insert(0, os.path.dirname(__file__))
from server import Server  # noqa: E402

CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test",
               "region_name": "us-east-1"}


def pytest_addoption(parser):
    parser.addoption("--endpoint", help="an S3 and DynamoDB endpoint that is already there")
    parser.addoption("--redis", help="HOST:PORT of a Redis that is already there")


class Endpoints:
    def __init__(self, http, redis):
        self.http = http
        self.redis = redis


@pytest.fixture(scope="session")
def bodega(request):
    endpoint = request.config.getoption("--endpoint")
    redis = request.config.getoption("--redis")
    if endpoint or redis:
        host, _, port = (redis or "127.0.0.1:6379").rpartition(":")
        yield Endpoints(endpoint or "http://127.0.0.1:4566", (host, int(port)))
        return
    with Server() as server:
        yield server


def client(name, endpoint, **settings):
    config = botocore.config.Config(retries={"max_attempts": 0}, **settings.pop("config", {}))
    return boto3.client(name, endpoint_url=endpoint, config=config, **{**CREDENTIALS, **settings})


@pytest.fixture(scope="session")
def s3(bodega):
    return client("s3", bodega.http)


@pytest.fixture(scope="session")
def dynamodb(bodega):
    return client("dynamodb", bodega.http)


@pytest.fixture(scope="session")
def kms(bodega):
    return client("kms", bodega.http)


@pytest.fixture(scope="session")
def sts(bodega):
    return client("sts", bodega.http)


@pytest.fixture
def unique():
    return uuid.uuid4().hex[:12]


@pytest.fixture
def bucket(s3, unique):
    name = f"e2e-{unique}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def redis(bodega):
    connection = redis_py.Redis(host=bodega.redis[0], port=bodega.redis[1], protocol=2)
    connection.flushall()
    yield connection
    connection.close()


@pytest.fixture
def redis3(bodega):
    connection = redis_py.Redis(host=bodega.redis[0], port=bodega.redis[1], protocol=3)
    connection.flushall()
    yield connection
    connection.close()


@pytest.fixture
def aws(bodega):
    """Runs the AWS CLI against the server; returns its standard output."""
    program = os.path.join(os.path.dirname(sys.executable), "aws")

    def run(*arguments, check=True, stdin=None):
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                       "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": bodega.http,
                       "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
        done = subprocess.run([program, *arguments], env=environment, input=stdin,
                              capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"aws {' '.join(arguments)}: {done.stderr}")
        return done if not check else done.stdout
    return run
