"""power: simulated power cuts; what was synced stays, of the rest any part may be there or not.

A round is one folder. Under --durability power it is written to by one process after the other,
each of which is killed: at any of its calls that change the folder, or at a random instant. Then
the power is cut. From the journal of all these processes follows what can be on the disk then; one
such folder with exactly what was synced and two with a random part of the rest are started and
checked. The last of them is written to again, and cut again.

Some processes run under --durability process. They promise nothing about power cuts, but what a
process finds when it starts under power counts as durable from the moment that it serves."""

import os
import pathlib
import random
import shutil
import time

import disk
from load import Load, end, try_to_start
from shim import Shim, was_killed
from wire import Gone

SHORT_ROUNDS = 3
MOST_PROCESSES = 4
CUTS_PER_FOLDER = 2
LONGEST_PROCESS_S = 0.5


class Round:
    def __init__(self, tally, chance, place, start_empty):
        self.tally = tally
        self.random = chance
        self.place = place
        self.load = Load(chance.randrange(1 << 20))
        self.prepared = False  # buckets and table are there
        self.cut_short = False  # while they were made, so that only starts are worth a look
        self.tree = {}
        self.server = None
        self.what = ""
        self.story = ""  # which parts of which files a random cut kept
        if not start_empty:
            data = place / "first"
            server, said = try_to_start("--durability", "power", data=data)
            assert server, said
            self.load.prepare(server)
            server.kill()
            # With many logs a start writes tables and lets the logs go.
            for _ in range(chance.choice([0, 0, 2, 5, 6, 7, 8])):
                server, said = try_to_start("--durability", "power", data=data)
                assert server, said
                server.kill()
            self.prepared = True
            self.tree = disk.read_tree(data)
            shutil.rmtree(data)

    def run(self):
        for cut in range(self.random.randint(1, CUTS_PER_FOLDER)):
            place = self.place / f"cut-{cut}"
            data = disk.lay_out(self.tree, place / "data")
            shim = Shim(place, data, place / "journal")
            shim.leave_out_syncs()
            after = disk.Disk(self.random.choice(["posix", "posix", "ext4"]), self.tree)
            self._write_and_kill(shim, data, after)
            self._check(after, "strict", after.strict(), place / "strict")
            for number in range(2):
                self.tree = after.chance(self.random)
                known = self._check(after, "random", self.tree, place / f"random-{number}")
            self.load = known
            shutil.rmtree(place)

    def _write_and_kill(self, shim, data, after):
        """Processes one after the other. The last one serves under power, or all are of power."""
        count = self.random.randint(1, MOST_PROCESSES)
        levels = [self.random.choice(["power", "power", "process"]) for _ in range(count)]
        if not self.prepared:
            levels[0] = "power"
        levels[-1] = "power"
        for number, level in enumerate(levels):
            last_word = number + 1 == count and "process" in levels
            at_call = self.random.random() < 0.6
            self.last_kill = f"{'a call' if at_call else 'an instant'} of the last of {levels}"
            self.what = f"at process {number + 1} of {levels}"
            shim.clear()
            shim.set_rule(1, ["fdatasync"], "*", "sleep",
                          sleep_ms=self.random.choice([0, 0, 1, 4]))
            if at_call and not last_word:
                self._kill_at_call(shim, self.random.choice([20, 60, 400]))
            self.server, said = try_to_start("--durability", level, data=data, env=shim.env)
            assert self.server or shim.fired(0), f"does not start: {said}"
            if self.server:  # and not killed before it was ready
                if at_call and last_word:
                    self._kill_at_call(shim, 400)
                self._serve(data)
            after.replay(shim.records())
            after.adopt(disk.read_tree(data))

    def _kill_at_call(self, shim, most):
        shim.set_rule(0, "changing", "*", self.random.choice(["kill", "kill", "kill half"]),
                      skip=self.random.randrange(most))

    def _serve(self, data):
        server, load = self.server, self.load
        try:
            if self.cut_short:
                raise Gone
            if not self.prepared:
                self.cut_short = True
                load.prepare(server)
                self.prepared, self.cut_short = True, False
            known = load.copy()  # a check that the kill ends has settled nothing
            known.check(server, data)
            self.load = load = known
            load.begin(server)
        except (Gone, OSError):
            if self.cut_short:
                end(server)
            server.process.wait(10)
        else:
            deadline = time.monotonic() + LONGEST_PROCESS_S * self.random.random()
            while time.monotonic() < deadline and server.process.poll() is None:
                time.sleep(0.005)
        end(server)
        load.join()
        assert was_killed(server.process), f"ended by itself: {server.stderr()}"

    def _check(self, after, kind, tree, place):
        self.tally.note("power cuts")
        known = self.load.copy()
        data = disk.lay_out(tree, place)
        self.what = f"{kind} cut ({after.reading}) after a kill at {self.last_kill}"
        self.story = f" [{after.story}]" if kind == "random" else ""
        self.server, said = try_to_start("--durability", "power", data=data)
        assert self.server, f"does not start: {said}"
        if self.prepared:
            known.check(self.server, data)
        self.server.kill()
        self.tally.checked += known.checked - self.load.checked
        shutil.rmtree(data)
        return known


def run(tally, rounds, first, workshop, _):
    for number in range(first, first + rounds):
        chance = random.Random(f"{tally.seed} power {number}")
        place = pathlib.Path(os.path.realpath(workshop)) / f"round-{number}"
        place.mkdir()
        one = None
        try:
            one = Round(tally, chance, place, start_empty=chance.random() < 0.25)
            one.run()
        except Exception as error:
            log = one.server.stderr() if one and one.server else ""
            end(one and one.server)
            tally.fail(number, f"{one and one.what}: {type(error).__name__}: {str(error)[:700]}"
                       f"{one and one.story}", log)
        tally.rounds += 1
        tally.acknowledged += one.load.done if one else 0
        shutil.rmtree(place)
