"""Kills Bodega at random instants while clients of all three APIs write, starts it again on the
same folder, and checks that every acknowledged write is there with the right bytes, that none is
half there, and that blob files and records agree.

    python tests/crash/crash_test.py --rounds 100 [--seed N] [--binary build/release/bodega]
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import threading
import time

parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--seed", type=int, help="of the writers' choices and of the instants")
parser.add_argument("--binary", help="default: BODEGA_BINARY, else the release build")
parser.add_argument("--durability", default="process", choices=["process", "power"])
arguments = parser.parse_args()
if arguments.binary:
    os.environ["BODEGA_BINARY"] = str(pathlib.Path(arguments.binary).resolve())

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
import dynamodb_writer  # noqa: E402
import s3_writer  # noqa: E402
from redis_writer import RedisWriter  # noqa: E402
from server import Server  # noqa: E402
from wire import Gone  # noqa: E402

LONGEST_ROUND_S = 1.2
JOIN_LIMIT_S = 60


class Run:
    """A writer on a thread of its own, until the server goes or something is wrong."""

    def __init__(self, writer, server):
        self.writer = writer
        self.problem = None
        writer.connect(server)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while True:
                self.writer.step()
        except Gone:
            pass
        except BaseException as error:  # told by the main thread
            self.problem = error


def blob_files(data):
    folder = data / "blobs"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def make_writers(seed):
    return ([s3_writer.S3Writer(name, seed * 100 + name) for name in range(3)]
            + [dynamodb_writer.DynamoWriter(name, seed * 100 + 50 + name) for name in range(2)]
            + [RedisWriter(name, seed * 100 + 70 + name, database=name) for name in range(3)])


def check_all(writers, server, data):
    for writer in writers:
        writer.check(server)
    dynamodb_writer.check_index(server)
    files = blob_files(data)
    expected = sum(writer.blobs() for writer in writers if hasattr(writer, "blobs"))
    assert len(files) == expected, (
        f"{len(files)} blob files, and records name {expected}: {files[:20]}")
    return expected


def main():
    seed = arguments.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 20)
    print(f"crash test: {arguments.rounds} rounds, --seed {seed}", flush=True)
    instants = random.Random(seed)
    writers = make_writers(seed)
    starts = []
    with tempfile.TemporaryDirectory(prefix="bodega-crash-") as folder:
        data = pathlib.Path(folder) / "data"
        flags = ["--durability", arguments.durability]
        with Server(*flags, data=data) as server:
            s3_writer.make_buckets(server.http_address)
            dynamodb_writer.make_table(server.http_address)
            server.kill()
        for round_number in range(1, arguments.rounds + 1):
            begun = time.monotonic()
            server = Server(*flags, data=data).start()
            starts.append(time.monotonic() - begun)
            try:
                check_all(writers, server, data)
                before = sum(writer.done for writer in writers)
                runs = [Run(writer, server) for writer in writers]
                time.sleep(LONGEST_ROUND_S * instants.random() ** 2)
                server.kill()
                for run in runs:
                    run.thread.join(JOIN_LIMIT_S)
                    assert not run.thread.is_alive(), f"{run.writer.name} hangs"
                    if run.problem:
                        raise run.problem
                done = sum(writer.done for writer in writers) - before
                if arguments.rounds <= 10 or round_number % 10 == 0:
                    print(f"  round {round_number}: {done} writes acknowledged before the kill",
                          flush=True)
            finally:
                if server.process.poll() is None:
                    server.kill()
                log = server.stderr()
                if sys.exc_info()[0]:
                    print(f"in round {round_number}, --seed {seed}; the server said:\n"
                          f"{log[-3000:]}", file=sys.stderr)
        with Server(*flags, data=data) as server:
            blobs = check_all(writers, server, data)
            for writer in writers:
                if isinstance(writer, s3_writer.S3Writer):
                    writer.remove_everything()
            assert blob_files(data) == [], f"blobs of removed objects stay: {blob_files(data)[:20]}"
    total = sum(writer.done for writer in writers)
    starts.sort()
    print(f"crash test: passed, {arguments.rounds} kills, {total} acknowledged writes all there, "
          f"{blobs} blobs at the end, start-up median {starts[len(starts) // 2] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
