"""What the scenarios of frameworks share: waiting for a condition, and programs beside the test."""

import os
import subprocess
import sys
import tempfile
import time

import pytest

HERE = os.path.dirname(__file__)
END_LIMIT_S = 20


def until(condition, what, limit_s=30):
    """Waits until `condition()` is true and returns what it is; the test fails when that takes too long.
    `what` says what did not happen: a text, or what makes it then."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        seen = condition()
        if seen:
            return seen
        time.sleep(0.02)
    text = what() if callable(what) else what
    pytest.fail(f"after {limit_s} s: {text} (last seen: {seen!r})")


class Program:
    """A Python program beside the test, such as a worker; what it prints is kept for the failure's text."""

    def __init__(self, arguments, environment):
        self.output = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [sys.executable, *arguments], cwd=HERE, stdout=self.output, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": HERE, "PYTHONDONTWRITEBYTECODE": "1", **environment})

    def printed(self):
        self.output.seek(0)
        return self.output.read()

    def until_prints(self, text, limit_s=30):
        def there():
            return text in self.printed() or self.process.poll() is not None
        until(there, lambda: f"the program did not print {text!r} but: {self.printed()}", limit_s)
        assert text in self.printed(), f"ended with {self.process.poll()}: {self.printed()}"

    def wait(self, limit_s=60):
        """Its exit status, when it ends by itself."""
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"still running after {limit_s} s: {self.printed()}")

    def end(self):
        """SIGTERM; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(END_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"did not end by SIGTERM in {END_LIMIT_S} s: {self.printed()}")
