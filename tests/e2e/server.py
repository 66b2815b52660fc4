"""Starts the built binary on free ports and tells where it listens. Used by every end-to-end test."""

import os
import re
import select
import signal
import subprocess
import tempfile
import time

BINARY = os.environ.get("BODEGA_BINARY") or os.path.join(
    os.path.dirname(__file__), "..", "..", "build", "release", "bodega")

# Settings come from the tests alone, whatever the person who runs them has set.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("BODEGA_")}

START_LIMIT_S = 20
STOP_LIMIT_S = 20


def address_of(line):
    """The host and the port of a line such as redis://127.0.0.1:6379."""
    found = re.search(r"://(\S+):(\d+)$", line)
    return found[1], int(found[2])


class Server:
    """One Bodega process. `http` is its first endpoint URL, `redis` a (host, port) pair. `under` is a
    program that runs it, with its arguments."""

    def __init__(self, *flags, data=None, env=None, binary=None, under=()):
        self.flags = list(flags)
        self.data = data
        self.env = env
        self.binary = binary or BINARY
        self.under = list(under)
        self.process = None
        self.lines = []

    def start(self):
        command = [*self.under, self.binary, "--http", "127.0.0.1:0", "--redis", "127.0.0.1:0"]
        if self.data:
            command += ["--data", str(self.data)]
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            command + self.flags, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**ENVIRONMENT, **(self.env or {})})
        self._await_ready()
        return self

    def _await_ready(self):
        # Read raw: lines that came together would wait in a buffer that select() does not see.
        deadline = time.monotonic() + START_LIMIT_S
        output = self.process.stdout.fileno()
        said = b""
        while time.monotonic() < deadline:
            if not select.select([output], [], [], 0.1)[0]:
                continue
            piece = os.read(output, 65536)
            if not piece:
                raise RuntimeError(f"bodega ended before it was ready: {self.stderr()}")
            said += piece
            self.lines = said.decode().split("\n")[:-1]
            if "Ready." in self.lines:
                break
        else:
            raise RuntimeError("bodega was not ready in time")
        self.endpoints = [line for line in self.lines if line.startswith("http://")]
        self.http = self.endpoints[0] if self.endpoints else None
        self.http_address = self.http and address_of(self.http)
        redis = [address_of(line) for line in self.lines if "redis://" in line]
        self.redis = redis[0] if redis else None

    def redis_named(self, name):
        """Where the Redis of that name answers."""
        label = f"{name}=redis://" if name else "redis://"
        return next(address_of(line) for line in self.lines if line.startswith(label))

    @property
    def pid(self):
        return self.process.pid

    def rss_bytes(self):
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def peak_rss_bytes(self):
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no VmHWM")

    def stderr(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        """SIGTERM; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self):
        """SIGKILL: the process gets no chance to save anything."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
