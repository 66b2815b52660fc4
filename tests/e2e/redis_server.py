"""Starts Debian's redis-server beside Bodega, for what the two must be able to give each other. It is one
of the test packages (script/bootstrap): without it these tests fail."""

import socket
import subprocess
import tempfile
import time

import redis as redis_py

START_LIMIT_S = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """One redis-server process with an empty folder of its own."""

    def __init__(self, *flags, folder=None):
        self.flags = list(flags)
        self.folder = folder
        self.port = free_port()

    def __enter__(self):
        self.own_folder = tempfile.TemporaryDirectory()
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                   "--dir", str(self.folder or self.own_folder.name), "--enable-debug-command", "yes",
                   "--repl-diskless-load", "disabled", *self.flags]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        self.client = redis_py.Redis(port=self.port)
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            try:
                self.client.ping()
                return self
            except (redis_py.ConnectionError, redis_py.BusyLoadingError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.__exit__()
                    raise
                time.sleep(0.02)

    def __exit__(self, *_):
        self.client.close()
        self.process.terminate()
        self.process.wait(10)
        self.own_folder.cleanup()
