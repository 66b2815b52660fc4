"""What the scenarios share: the writers of all three APIs on threads of their own, the check of
what they know, and the tally that a scenario closes with."""

import copy
import json
import pathlib
import re
import subprocess
import threading
import time

import dynamodb_writer
import s3_writer
from redis_writer import RedisWriter
from server import Server
from wire import Fault, Gone, Http, Redis

JOIN_LIMIT_S = 60


class Run:
    """A writer that is connected, on a thread of its own, until the server goes, its storage fails
    or something is wrong."""

    def __init__(self, writer):
        self.writer = writer
        self.problem = None
        self.met_fault = False
        self.ends = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while not self.ends:
                self.writer.step()
        except Gone:
            pass
        except Fault:
            self.met_fault = True
        except BaseException as error:  # told by the main thread
            self.problem = error


class Load:
    """The writers of one folder; `caches` are the names of other Redis endpoints that it has."""

    def __init__(self, seed, caches=()):
        self.writers = (
            [s3_writer.S3Writer(name, seed * 100 + name) for name in range(3)]
            + [dynamodb_writer.DynamoWriter(name, seed * 100 + 50 + name) for name in range(2)]
            + [RedisWriter(name, seed * 100 + 70 + name, database=name) for name in range(3)]
            + [RedisWriter(cache, seed * 100 + 80 + number, database=number, endpoint=cache)
               for number, cache in enumerate(caches)])
        self.runs = []
        self.other_blobs = 0  # of objects that are not the writers'

    def prepare(self, server):
        s3_writer.make_buckets(server.http_address)
        dynamodb_writer.make_table(server.http_address)

    def begin(self, server):
        for writer in self.writers:
            writer.connect(server)
        self.runs = [Run(writer) for writer in self.writers]

    def join(self):
        """Waits for the writers, which end when the server is gone or fails, or when asked to."""
        for run in self.runs:
            run.ends = True
        for run in self.runs:
            run.thread.join(JOIN_LIMIT_S)
            assert not run.thread.is_alive(), f"{run.writer.name} hangs"
        problems = [run.problem for run in self.runs if run.problem]
        if problems:
            raise problems[0]

    def check(self, server, data, blobs="exact"):
        """Every value that was acknowledged, and how many blob files there are: exactly those that
        the records name, or at least those, where a sweep is still to come."""
        for writer in self.writers:
            writer.check(server)
        dynamodb_writer.check_index(server)
        files = blob_files(data)
        expected = self.other_blobs + sum(
            writer.blobs() for writer in self.writers if hasattr(writer, "blobs"))
        assert len(files) == expected or blobs == "at least" and len(files) > expected, (
            f"{len(files)} blob files, and records name {expected}: {files[:20]}")
        return expected

    def copy(self):
        """What is known, by itself: a check settles what was not answered."""
        for writer in self.writers:
            writer.client = None
        other = copy.copy(self)
        other.runs = []
        other.writers = copy.deepcopy(self.writers)
        return other

    @property
    def done(self):
        return sum(writer.done for writer in self.writers)

    @property
    def checked(self):
        return sum(writer.checked for writer in self.writers)


class Tally:
    """What a scenario did and found."""

    def __init__(self, name, seed):
        self.name = name
        self.seed = seed
        self.rounds = 0
        self.acknowledged = 0
        self.checked = 0
        self.notes = {}     # what else is worth counting
        self.failures = []  # one line each

    def note(self, what, count=1):
        self.notes[what] = self.notes.get(what, 0) + count

    def fail(self, round_number, error, log=""):
        text = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else error
        self.failures.append(
            f"{text[:1200]}\n    (again: --scenario {self.name} --seed {self.seed} "
            f"--first {round_number} --rounds 1)")
        print(f"  {self.name}, round {round_number}: FAILED: {self.failures[-1]}", flush=True)
        if log:
            print("    the server said:\n" + indent(log[-2000:]), flush=True)

    def closing(self):
        notes = "".join(f", {count} {what}" for what, count in self.notes.items())
        return (f"{self.name}: {self.rounds} rounds{notes}, {self.acknowledged} writes "
                f"acknowledged, {self.checked} values checked, lost or wrong in "
                f"{len(self.failures)} rounds")


def indent(text):
    return "".join(f"      | {line}\n" for line in text.rstrip().split("\n"))


def blob_files(data):
    """The blobs, finished or in the making; what the store notes beside them is none."""
    folder = pathlib.Path(data) / "blobs"
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*") if path.is_file())


def try_to_start(*flags, data, env=None):
    """(server, what it said): a server that is ready, or None when it ended by itself."""
    server = Server(*flags, data=data, env=env)
    try:
        return server.start(), ""
    except RuntimeError:
        try:
            server.process.wait(1)
        except subprocess.TimeoutExpired:  # neither ready nor ended
            server.kill()
            raise
        return None, server.stderr()


def end(server):
    if server is not None and server.process is not None and server.process.poll() is None:
        server.kill()


def health(server):
    """(status, the whole answer's "status" field)."""
    status, _, body = Http(server.http_address, "s3").send("GET", "/_bodega/health")
    try:
        return status, json.loads(body).get("status")
    except ValueError:
        return status, body.decode(errors="replace")


class Probes:
    """One small write through each API, to see whether they are taken. What a probe wrote and got
    acknowledged is checked later like everything else."""

    def __init__(self):
        self.numbers = {"PUT": 0, "PutItem": 0, "SET": 0}
        self.acknowledged = {}

    def _try(self, name, server):
        number = self.numbers[name] = self.numbers[name] + 1
        text = f"probe {number}"
        try:
            if name == "PUT":
                Http(server.http_address, "s3").expect(
                    (200,), "PUT", f"/{s3_writer.PLAIN}/probe", body=text.encode())
            elif name == "PutItem":
                Http(server.http_address, "dynamodb").dynamodb(
                    "PutItem", TableName=dynamodb_writer.TABLE,
                    Item={"writer": {"S": "probe"}, "number": {"N": "0"}, "text": {"S": text}})
            else:
                client = Redis(server.redis, 9)
                client.call("SET", "probe", text)
                client.close()
        except (Fault, Gone):
            self.acknowledged.pop(name, None)  # the old value or this one
            return False
        self.acknowledged[name] = text
        return True

    def all_taken(self, server):
        return [name for name in self.numbers if not self._try(name, server)] == []

    def await_all(self, server, limit_s):
        """How long it took until each API took a write again."""
        begun = time.monotonic()
        waiting = list(self.numbers)
        while waiting:
            waiting = [name for name in waiting if not self._try(name, server)]
            took = time.monotonic() - begun
            assert not waiting or took < limit_s, (
                f"{', '.join(waiting)} still refused {took:.1f} s after the fault's end")
            if waiting:
                time.sleep(0.05)
        return took

    def check(self, server):
        for name, text in self.acknowledged.items():
            if name == "PUT":
                _, body = Http(server.http_address, "s3").expect(
                    (200,), "GET", f"/{s3_writer.PLAIN}/probe")
                found = body.decode()
            elif name == "PutItem":
                item = Http(server.http_address, "dynamodb").dynamodb(
                    "GetItem", TableName=dynamodb_writer.TABLE, ConsistentRead=True,
                    Key={"writer": {"S": "probe"}, "number": {"N": "0"}}).get("Item", {})
                found = item.get("text", {}).get("S")
            else:
                client = Redis(server.redis, 9)
                found = (client.call("GET", "probe") or b"").decode()
                client.close()
            assert found == text, f"{name}: {found!r}, acknowledged {text!r}"
        return len(self.acknowledged)


def lines_of(log):
    """What the server said, without the times."""
    return [re.sub(r"^\S+T\S+Z ", "", line) for line in log.strip().split("\n") if line.strip()]
