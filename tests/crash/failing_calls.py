"""faults: chosen calls of the server fail, do half or are slow, under load.

A round is one fault: a kind of call on a kind of file that answers EIO, ENOSPC or EROFS, once, some
times or for a while. While it lasts, what is acknowledged is there and reads are right; when it is
over, all three APIs take writes again by themselves; after a kill and a start, again all is there.
Some rounds kill while the fault lasts, and some have it during the start."""

import errno
import os
import pathlib
import random
import shutil
import threading
import time
from collections import namedtuple

from load import Load, Probes, end, health, lines_of, try_to_start
from reference import REFUSED, RIGHT, STARTS_THAT_FLUSH, Reference, some
from s3_writer import PLAIN, bytes_of
from shim import Shim
from wire import Fault, Gone, Http, Redis

SHORT_ROUNDS = 8
BACK_WITHIN_S = 3.0  # a second is what is promised; test machines are slow
BEFORE_S = 0.15
SLOW_MS = 300
HEALTH_LOOKS = 20  # at its answers during a fault
HEALTH_WITHIN_S = 5  # a loop may be in the middle of an upload's four or so syncs
QUIET = 20  # objects, items and keys that nobody writes to

# What fails. `fills` names the database that is written to until it writes a table. `only` is for
# calls that no start makes, or nothing else.
Case = namedtuple("Case", "calls pattern error action fills only", defaults=("fail", None, None))
EIO, ENOSPC, EROFS = errno.EIO, errno.ENOSPC, errno.EROFS
SYNCS = ["fdatasync", "fsync"]
READS = (["read"], ["open to read"])
RUNNING, STARTING = "running", "at the start"


def of_database(name):
    """What can fail in one of the two databases."""
    log = lambda calls, error, action="fail": Case(
        calls, f"{name}/*.log", error, action, None, RUNNING)
    filled = lambda calls, files, error, action="fail": Case(
        calls, f"{name}{files}", error, action, name)
    return ([log(SYNCS, EIO), log(SYNCS, ENOSPC)]
            + [log(["write"], error, action)
               for error in (EIO, ENOSPC) for action in ("fail", "half")]
            + [filled(["open"], "/*.sst", EIO), filled(["open"], "/*.sst", ENOSPC),
               filled(["write"], "/*.sst", EIO), filled(["write"], "/*.sst", ENOSPC),
               filled(["write"], "/*.sst", ENOSPC, "half"), filled(SYNCS, "/*.sst", EIO),
               filled(["write"], "/MANIFEST-*", EIO), filled(["write"], "/MANIFEST-*", ENOSPC),
               filled(SYNCS, "/MANIFEST-*", EIO), filled(["open"], "/*.log", EIO),
               filled(["open"], "/*.log", ENOSPC), filled(["fsync"], "", EIO),
               filled(["unlink"], "/*", EIO)]
            + [Case(["rename"], f"{name}/*", error, "fail", None, STARTING)
               for error in (EIO, ENOSPC)])


OF_BLOBS = (
    [Case(calls, "blobs/*", error, "fail", None, RUNNING)
     for calls, error in ((["open"], ENOSPC), (["open"], EIO), (["write"], ENOSPC),
                          (["write"], EIO), (SYNCS, EIO), (["rename"], EIO), (["rename"], ENOSPC),
                          (["link"], EIO), (["link"], ENOSPC), (["unlink"], EIO),
                          (["mkdir"], ENOSPC), (["mkdir"], EIO), *((call, EIO) for call in READS))]
    + [Case(["write"], "blobs/*", ENOSPC, "half", None, RUNNING),
       Case(SYNCS, "blobs*", EIO, "fail", None, STARTING)])

MATRIX = (of_database("store") + of_database("keyspace") + OF_BLOBS
          + [Case(call, "store/*.sst", EIO) for call in READS])


def set_fault(shim, case, times):
    if case.action == "half" and times:
        times += 1  # the half that is done, and the errors behind it
    shim.set_rule(0, case.calls, case.pattern, case.action, case.error, times=times)


class Round:
    def __init__(self, tally, chance, place, reference, load, durability):
        self.tally = tally
        self.random = chance
        self.reference = reference
        self.load = load
        self.data = reference.copy(place / "data")
        self.what = ""
        self.shim = Shim(place, self.data)
        self.flags = ["--durability", durability]
        self.probes = Probes()
        self.server = None

    def start(self, shim=True):
        self.server, said = try_to_start(*self.flags, data=self.data,
                                         env=self.shim.env if shim else None)
        assert self.server, f"does not start: {said}"

    def start_anew(self):
        """Without faults: everything is there and nothing is half there."""
        if self.server:
            self.server.kill()
            self.load.join()
        self.shim.clear()
        self.start()
        self.check("exact")

    def check(self, blobs):
        self.load.check(self.server, self.data, blobs)
        self.tally.checked += self.reference.check(self.server) + self.probes.check(self.server)

    def come_back(self):
        """The fault is over: writes are taken again, and everything is right."""
        self.shim.clear()
        took = self.probes.await_all(self.server, BACK_WITHIN_S)
        self.slowest(took)
        self.load.join()
        self.check("at least")
        status, word = health(self.server)
        assert (status, word) == (200, "ok"), f"after the fault health says {status} {word!r}"
        self.load.begin(self.server)
        time.sleep(BEFORE_S)
        self.load.join()
        met = [run.writer.name for run in self.load.runs if run.met_fault]
        assert not met, f"writes that were taken again failed again: {met}"

    def slowest(self, took):
        self.tally.notes["ms slowest return"] = max(
            self.tally.notes.get("ms slowest return", 0), round(took * 1000))

    def matrix(self, case):
        how = self.random.choice(["once", "some times", "for a while", "for a while"])
        when = case.only or self.random.choice([RUNNING] * 4 + [STARTING])
        if when == RUNNING and self.random.random() < 0.25:
            when = "killed meanwhile"
        times = {"once": 1, "some times": self.random.randint(2, 6)}.get(how, 0)
        self.what = (f"{'/'.join(case.calls)} of {case.pattern} {case.action} with "
                     f"{errno.errorcode[case.error]} {how}, {when} ({self.flags[1]})")
        if when == STARTING:
            return self.at_the_start(case, times)
        self.start()
        self.load.begin(self.server)
        time.sleep(BEFORE_S)
        set_fault(self.shim, case, times)
        if case.fills:
            fill(self.server, case.fills)
        time.sleep(self.random.uniform(0.1, 0.5))
        self.read_meanwhile(case)
        if how == "for a while" and case.pattern.endswith(".log") and case.calls != ["open"] \
                and any(run.met_fault for run in self.load.runs):
            self.health_tells()
        if when == RUNNING:
            self.come_back()
        self.start_anew()

    def read_meanwhile(self, case):
        """Reads are right while writes fail. When it is reads that fail, they say so."""
        if case.calls not in READS:
            self.tally.checked += self.reference.check(self.server)
            return
        found = self.reference.look(self.server)
        bad = {name: state for name, state in found.items()
               if state not in (RIGHT, REFUSED) and "cut short" not in state}
        assert not bad, f"answers as if all were well: {some(bad)}"

    def health_tells(self):
        """Soon after a write was refused, and from then on for as long as the fault lasts."""
        deadline = time.monotonic() + 1
        while self.probes.all_taken(self.server) or health(self.server) == (200, "ok"):
            assert time.monotonic() < deadline, "health says ok while no write is taken"
            time.sleep(0.02)
        for _ in range(HEALTH_LOOKS):
            time.sleep(0.05)
            assert health(self.server) != (200, "ok"), "health says ok again during the fault"

    def at_the_start(self, case, times):
        for _ in range(STARTS_THAT_FLUSH):  # the next one writes tables
            self.start()
            self.server.kill()
        set_fault(self.shim, case, times)
        self.server, said = try_to_start(*self.flags, data=self.data, env=self.shim.env)
        if self.server:
            self.read_meanwhile(case)
            self.come_back()
        else:
            assert len(lines_of(said)) >= 1, "ended without a word"
        self.start_anew()

    def overwrite(self, restarts):
        """The sync of the log fails while an object is replaced, copied over, deleted, uploaded:
        what was there stays, or what was asked for is there; nothing else."""
        self.what = f"the log's sync fails once at each kind of write, restart {restarts}"
        self.start()
        old, new = [(1, 200_000)], [(2, 300_000)]
        client = Http(self.server.http_address, "s3")
        keys = ["overwritten", "copied over", "deleted"]
        for key in [*keys, "source"]:
            client.expect((200,), "PUT", f"/{PLAIN}/{key}",
                          body=bytes_of(new if key == "source" else old))
        for key in keys:
            self.shim.set_rule(0, ["fdatasync"], "store/*.log", error=EIO, times=1)
            status = {
                "overwritten": lambda: client.send("PUT", f"/{PLAIN}/{key}", body=bytes_of(new)),
                "copied over": lambda: client.send("PUT", f"/{PLAIN}/{key}", headers={
                    "x-amz-copy-source": f"/{PLAIN}/source"}),
                "deleted": lambda: client.send("DELETE", f"/{PLAIN}/{key}")}[key]()[0]
            assert status >= 500, f"{key}: {status} although its sync failed"
            self.found(client, key, bytes_of(old), bytes_of(new), key == "deleted")
            self.shim.clear()
            if restarts == "at once":
                self.server.kill()
            else:
                self.slowest(self.probes.await_all(self.server, BACK_WITHIN_S))
                before = self.found(client, key, bytes_of(old), bytes_of(new), key == "deleted")
                self.server.kill()
            self.start()
            client = Http(self.server.http_address, "s3")
            after = self.found(client, key, bytes_of(old), bytes_of(new), key == "deleted")
            assert restarts == "at once" or after == before, f"{key}: another one after the start"
        self.tally.acknowledged += len(keys) + 1
        self.tally.checked += 3 * len(keys)

    def found(self, client, key, old, new, may_be_absent):
        status, _, body = client.send("GET", f"/{PLAIN}/{key}")
        if status == 404 and may_be_absent:
            return None
        assert status == 200 and body in (old, new), f"{key}: {status} {body[:100]!r}"
        return body

    def slow(self):
        """Every sync takes long: no answer is lost, and health answers meanwhile."""
        self.what = f"every sync takes {SLOW_MS} ms"
        self.flags = ["--durability", "power"]
        self.start()
        for slot, call in enumerate(("fsync", "fdatasync")):
            self.shim.set_rule(slot, [call], "*", "sleep", sleep_ms=SLOW_MS)
        self.load.begin(self.server)
        for _ in range(8):
            time.sleep(0.25)
            begun = time.monotonic()
            assert health(self.server) == (200, "ok")
            assert time.monotonic() - begun < HEALTH_WITHIN_S, "health waits for the disk"
        self.come_back()
        self.start_anew()

    def everything(self, error):
        self.what = f"every call that changes something answers {errno.errorcode[error]}"
        self.start()
        self.load.begin(self.server)
        time.sleep(BEFORE_S)
        calls = "changing" if error == EROFS else ["write", "mkdir", "link", "rename", "fallocate"]
        self.shim.set_rule(0, calls, "*", error=error)
        time.sleep(0.6)
        self.tally.checked += self.reference.check(self.server)
        self.come_back()
        self.start_anew()


def fill(server, database):
    """Writes to a database until it has to write a table. It does not matter what of it fails."""
    def objects(number):
        client = Http(server.http_address, "s3")
        for i in range(number, 600, 3):
            try:
                client.send("PUT", f"/{PLAIN}/fill/{i % 50}", body=bytes_of([(i, 60_000)]))
            except Gone:
                return
    if database == "store":
        threads = [threading.Thread(target=objects, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return
    client = None
    for i in range(80):
        try:
            client = client or Redis(server.redis, 10)
            client.call("SET", f"fill {i % 5}", "f" * 1_000_000)
        except (Fault, Gone):
            return


def named(round_number):
    """The rounds that are always run first."""
    return {1: lambda one: one.overwrite("at once"),
            2: lambda one: one.overwrite("after it came back"),
            3: lambda one: one.slow(),
            4: lambda one: one.everything(EROFS),
            5: lambda one: one.everything(ENOSPC)}.get(round_number)


def run(tally, rounds, first, workshop, _):
    workshop = pathlib.Path(os.path.realpath(workshop))
    reference = Reference(workshop / "reference", QUIET)
    load = Load(tally.seed)
    server, said = try_to_start("--durability", "power", data=reference.folder)
    assert server, said
    load.prepare(server)
    load.other_blobs = reference.blobs()
    server.kill()
    matrix = list(MATRIX)
    random.Random(tally.seed).shuffle(matrix)
    for number in range(first, first + rounds):
        chance = random.Random(f"{tally.seed} faults {number}")
        case = matrix[(number - 6) % len(matrix)]
        place = workshop / f"round-{number}"
        place.mkdir()
        power = named(number) or set(case.calls) & {"fsync", "fdatasync"} or chance.random() < 0.3
        one = Round(tally, chance, place, reference, load.copy(), "power" if power else "process")
        try:
            if named(number):
                named(number)(one)
            else:
                one.matrix(case)
        except Exception as error:
            log = one.server.stderr() if one.server else ""
            end(one.server)
            tally.fail(number, f"{one.what}: {type(error).__name__}: {error}", log)
        end(one.server)
        tally.note("rounds met their fault", one.shim.fired(0) > 0)
        tally.rounds += 1
        tally.acknowledged += one.load.done
        tally.checked += one.load.checked
        shutil.rmtree(place)
