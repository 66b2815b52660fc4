"""ext4: a real ext4 is shut down under load, mounted again and checked.

The kernel's own idea of a power cut (EXT4_IOC_SHUTDOWN): nothing reaches the disk any more, with
the journal flushed before, or not, or everything flushed. Each round has up to three processes
under --durability power; those before the last are killed."""

import pathlib
import random
import signal
import time

from load import Load, end, try_to_start
from mounts import SHUTDOWN, Ext4

SHORT_ROUNDS = 3
LONGEST_PROCESS_S = 0.6
IMAGE_MB = 400
ROUNDS_PER_IMAGE = 40  # what is written grows
SYNCS_END_WITHIN_S = 0.1


def one_round(chance, disk, load, prepared, tell):
    data = disk.place / "data"
    count = chance.randint(1, 3)
    for number in range(1, count + 1):
        server, said = try_to_start("--durability", "power", data=data)
        assert server, f"does not start: {said}"
        tell(server)
        if not prepared:
            load.prepare(server)
            prepared = True
        load.check(server, data)
        load.begin(server)
        time.sleep(LONGEST_PROCESS_S * chance.random())
        if number == count:
            # A sync that is under way meanwhile may be told that it succeeded and be lost: that is
            # the kernel's doing, also to a program that does nothing but append and sync. So the
            # server stands still, and goes on with a disk that is gone.
            server.process.send_signal(signal.SIGSTOP)
            time.sleep(SYNCS_END_WITHIN_S)
            disk.shut_down(chance.choice(list(SHUTDOWN)))
            server.process.send_signal(signal.SIGCONT)
            time.sleep(0.1)
        server.kill()
        load.join()
    disk.again()
    server, said = try_to_start("--durability", "power", data=data)
    assert server, f"does not start after the cut: {said}"
    tell(server)
    load.check(server, data)
    server.kill()


def run(tally, rounds, first, workshop, _):
    place = pathlib.Path(workshop) / "mounted"
    number = first
    image = 0
    while number < first + rounds:
        # One file system and folder for many rounds, as long as it is fine.
        image += 1
        until = min(number + ROUNDS_PER_IMAGE, first + rounds)
        with Ext4(f"{place}-{image}", IMAGE_MB) as disk:
            load = Load(random.Random(f"{tally.seed} ext4 {number}").randrange(1 << 20))
            prepared = False
            while number < until:
                servers = []
                try:
                    one_round(random.Random(f"{tally.seed} ext4 {number}"), disk, load, prepared,
                              servers.append)
                    prepared = True
                except Exception as error:
                    end(servers[-1] if servers else None)
                    tally.fail(number, error, servers[-1].stderr() if servers else "")
                    break
                finally:
                    end(servers[-1] if servers else None)
                    number += 1
                    tally.rounds += 1
            tally.acknowledged += load.done
            tally.checked += load.checked
