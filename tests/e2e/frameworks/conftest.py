"""Frameworks that stand on Redis, each run as its documentation says. What a scenario needs of the server
is only what redis-server has, so `--redis HOST:PORT` runs all of them against one."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from support import Program  # noqa: E402


@pytest.fixture(scope="session")
def redis_url(bodega):
    return f"redis://{bodega.redis[0]}:{bodega.redis[1]}"


@pytest.fixture(scope="module")
def program():
    """Starts programs that end with the module's tests: program(["-m", "celery", …], NAME=value)."""
    started = []

    def start(arguments, **environment):
        started.append(Program(arguments, environment))
        return started[-1]

    yield start
    for one in started:
        one.end()
