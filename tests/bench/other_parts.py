"""The parts of script/bench beside those of HTTP: redis, power."""

import contextlib
import os
import subprocess
import tempfile
import time

from http_parts import make_small_objects, make_table, put_item, put_small
from measure import (REDIS_COMMANDS, SERVER_CORE, Servers, Table, free_port, interleaved, on_core,
                     pin, ratio, redis_benchmark)

# ---- redis --------------------------------------------------------------------------------------


@contextlib.contextmanager
def redis_server(folder, fsync):
    """A redis-server with an append-only file on the server's core: its process and port."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir=folder) as data:
        peer = subprocess.Popen(
            on_core(SERVER_CORE, ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir",
                                  data, "--appendonly", "yes", "--appendfsync", fsync, "--save",
                                  ""]), stdout=subprocess.DEVNULL)
        try:
            time.sleep(1)
            yield peer.pid, port
        finally:
            peer.terminate()
            peer.wait(20)


def bench_redis(options):
    title = ("Redis, 50 connections, each server on one core, against redis-server --appendonly yes "
             "--appendfsync everysec")
    print(f"\n## {title}\n")
    paired = len(options.binaries) > 1
    Table.row("command", "pipeline", "requests/s", "redis-server", "ratio",
              *(["--against", "ratio"] if paired else []), "CPU of server / load", "aim")
    Table.row(*["---"] * (9 if paired else 7))
    with redis_server(options.folder, "everysec") as peer, Servers(options) as servers:
        subjects = [(server.pid, server.redis[1]) for server in servers]
        for pid, _ in subjects:
            pin(pid, SERVER_CORE)
        subjects.insert(1, peer)
        for pipeline in (1, 16):
            for name in REDIS_COMMANDS:
                count = options.requests if pipeline == 1 else options.requests * 4
                series = interleaved(options.runs, subjects, lambda subject: redis_benchmark(
                    *subject, name, count, pipeline))
                cells = [name, pipeline, f"{series[0].median():,.0f}",
                         f"{series[1].median():,.0f}", f"{ratio(series[:2]):.2f}"]
                if paired:
                    cells += [f"{series[2].median():,.0f}", f"{ratio(series[::2]):.2f}"]
                Table.row(*cells, series[0].cpu(), "1.0" if name in ("SET", "GET") else "")


# ---- power --------------------------------------------------------------------------------------


def syncs_per_second(folder, seconds):
    """What the disk gives to one who appends 4 KiB and syncs, again and again."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        block = os.urandom(4096)
        count, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < seconds:
            os.write(file.fileno(), block)
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.perf_counter() - begun)


def file_system_of(folder):
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def bench_power(options):
    folder = options.folder or tempfile.gettempdir()
    paired = len(options.binaries) > 1
    print("\n## --durability power: each reply waits for the disk; server on one core, data on "
          f"{file_system_of(folder)}\n")
    Table.row("what", "requests/s", *(["against", "ratio"] if paired else []),
              "append of 4 KiB and fdatasync, alternating with it, a second", "CPU of server / load")
    Table.row(*["---"] * (6 if paired else 4))
    with Servers(options, "--threads", "1", "--durability", "power") as servers:
        for server in servers:
            make_small_objects(server)
            make_table(server)
            pin(server.pid, SERVER_CORE)

        def row(what, measure):
            # The limit belongs to every row: a disk that others use too is not the same for long.
            series = interleaved(options.runs, [*servers, None], lambda server: measure(server) if
                                 server else syncs_per_second(folder, options.seconds / 2))
            cells = [what, f"{series[0].median():,.0f}"]
            if paired:
                cells += [f"{series[1].median():,.0f}", f"{ratio(series[:2]):.2f}"]
            Table.row(*cells, f"{series[-1].median():,.0f}", series[0].cpu())

        for clients in (1, 16):
            who = "1 connection" if clients == 1 else f"{clients} connections"
            row(f"PUT 4 KiB, new bytes, {who}",
                lambda server: put_small(server, options.seconds, clients))
            row(f"PutItem 100 bytes, changed, {who}",
                lambda server: put_item(server, options.seconds, clients))
            count = options.requests // (20 if clients == 1 else 4)
            row(f"SET 12 bytes, {who}", lambda server: redis_benchmark(
                server.pid, server.redis[1], "SET", count, connections=clients))
