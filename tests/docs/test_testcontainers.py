"""What the modules of Testcontainers wait for, asked of a running server. docs/testcontainers.md says
which versions of them were read."""

import re
import sys

import pytest
import redis as redis_py
import requests

from pages import ROOT

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from server import Server  # noqa: E402

# Module -> whether it takes these lines of standard output, each with its end, for a sign to begin.
LOGS = {
    "LocalStack for Java": lambda lines: [line for line in lines
                                          if re.fullmatch(r"(?s).*Ready\.\n", line)],
    "LocalStack for Python": lambda lines: re.search(r"Ready\.\n", "".join(lines)),
    "LocalStack for Node": lambda lines: [line for line in lines if "Ready" in line],
    "LocalStack for Rust": lambda lines: "Ready." in "".join(lines),
    "Redis for Java": lambda lines: [line for line in lines if re.fullmatch(
        r"(?s).*Ready to accept connections.*\n", line)],
    "Redis, Valkey for Node": lambda lines: [line for line in lines
                                             if "Ready to accept connections" in line],
    "Redis, Valkey for Go": lambda lines: "* Ready to accept connections" in "".join(lines),
    "Redis, Valkey for Rust": lambda lines: "Ready to accept connections" in "".join(lines),
}
PATHS = {
    "LocalStack for Go, .NET": "/_localstack/health",
    "MinIO for Go, Java, Node, Python": "/minio/health/live",
    "MinIO for .NET": "/minio/health/ready",
    "the recipes": "/_bodega/health",
}


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.mark.parametrize("module", LOGS)
def test_the_log_has_what_the_module_waits_for(server, module):
    assert LOGS[module]([f"{line}\n" for line in server.lines])


@pytest.mark.parametrize("module", PATHS)
def test_the_path_answers_as_the_module_waits_for(server, module):
    assert requests.get(server.http + PATHS[module]).status_code == 200


def test_the_first_line_that_looks_ready_comes_when_all_addresses_answer():
    """A module that waits for one line may ask for any of the services next."""
    with Server() as server:
        first = next(line for line in server.lines if "Ready" in line)
        assert server.lines.index(first) > max(number for number, line in enumerate(server.lines)
                                               if "://" in line)
        assert redis_py.Redis(host=server.redis[0], port=server.redis[1]).ping()
