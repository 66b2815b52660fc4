"""kill: the process is killed at random instants under load, again and again on one folder."""

import pathlib
import random
import time

import s3_writer
from load import Load, blob_files, end
from server import Server

SHORT_ROUNDS = 5
LONGEST_ROUND_S = 1.2
CACHES = ("cache", "sessions")


def run(tally, rounds, first, workshop, durability):
    instants = random.Random(tally.seed)
    load = Load(tally.seed, CACHES)
    starts = []
    data = pathlib.Path(workshop) / "data"
    flags = ["--durability", durability, "--redis",
             ",".join(["127.0.0.1:0", *[f"{name}=127.0.0.1:0" for name in CACHES]])]
    with Server(*flags, data=data) as server:
        load.prepare(server)
        server.kill()
    for round_number in range(1, rounds + 1):
        begun = time.monotonic()
        server = Server(*flags, data=data).start()
        starts.append(time.monotonic() - begun)
        try:
            load.check(server, data)
            before = load.done
            load.begin(server)
            time.sleep(LONGEST_ROUND_S * instants.random() ** 2)
            server.kill()
            load.join()
            if rounds <= 10 or round_number % 10 == 0:
                print(f"  round {round_number}: {load.done - before} writes acknowledged before "
                      "the kill", flush=True)
        except Exception as error:
            end(server)
            tally.fail(1, error, server.stderr())
            return
        tally.rounds += 1
    with Server(*flags, data=data) as server:
        blobs = load.check(server, data)
        for writer in load.writers:
            if isinstance(writer, s3_writer.S3Writer):
                writer.remove_everything()
        left = blob_files(data)
        if left:
            tally.fail(1, f"blobs of removed objects stay: {left[:20]}")
    tally.acknowledged, tally.checked = load.done, load.checked
    starts.sort()
    tally.note("blobs at the end", blobs)
    tally.note("ms median start", round(starts[len(starts) // 2] * 1000))
