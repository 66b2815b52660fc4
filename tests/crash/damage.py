"""damage: a byte is flipped, a file is cut or gone: it is found and said, or nothing is missing.

Each round damages a copy of one folder in another way. The start then stops with one line that
names the file and --repair, or all the data is there, or the values that were hit answer with an
error (and `bodega verify` names them). What never happens is that a value is silently absent or
wrong. With --repair the server starts, says what it dropped, and keeps the old files aside."""

import os
import pathlib
import random
import re
import shutil
import subprocess
from collections import namedtuple

import server as e2e
from load import blob_files, end, lines_of, try_to_start
from reference import ABSENT, LARGE, REFUSED, RIGHT, Reference, some

VALUES = 60  # objects, items and keys each
SHORT_ROUNDS = 14  # of the kinds below, in an order of the seed's

# What may happen: STOPS (one line, exit 1), SERVES (all right), REFUSES (errors for what was hit),
# WARNS (the end of a log is gone and the log says so: it looks like what a power cut leaves).
STOPS, SERVES, REFUSES, WARNS = "stops", "serves", "refuses", "warns"
Kind = namedtuple("Kind", "what file do may")


def flip(share):
    def do(path):
        content = bytearray(path.read_bytes())
        content[int(len(content) * share)] ^= 0x40
        path.write_bytes(content)
    return do


def hole(path):
    """A page of zeros where there was something: a write that never reached the disk."""
    content = bytearray(path.read_bytes())
    page = len(content) // 8192 * 4096
    size = min(4096, len(content) - page)
    content[page:page + size] = bytes(size)
    path.write_bytes(content)


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def empty(path):
    os.truncate(path, 0)


def lengthen(path):
    with open(path, "ab") as file:
        file.write(b"more")


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def largest(folder, pattern):
    return max(sorted(folder.glob(pattern)), key=lambda path: path.stat().st_size)


def kinds(data):
    """All of them, for this folder."""
    found = []
    add = lambda what, path, do, *may: found.append(
        Kind(what, str(path.relative_to(data)), do, may))
    for store in ("store", "keyspace"):
        folder = data / store
        log = largest(folder, "*.log")
        for percent in (10, 50, 95):
            add(f"a byte flipped at {percent} % of {store}'s log", log, flip(percent / 100), STOPS)
        add(f"a page of zeros in {store}'s log", log, hole, STOPS)
        add(f"{store}'s log cut in the middle", log, cut, STOPS, WARNS)
        add(f"{store}'s log empty", log, empty, STOPS, WARNS)
        for each in sorted(folder.glob("*.log")):
            # One that had nothing in it may go.
            add(f"{store}'s log {each.name} gone", each, remove,
                *((STOPS,) if each == log else (STOPS, SERVES)))
        table = largest(folder, "*.sst")
        for percent in (10, 50, 95):
            add(f"a byte flipped at {percent} % of {store}'s table", table, flip(percent / 100),
                STOPS, *((REFUSES, SERVES) if store == "store" else ()))
        add(f"{store}'s table cut in the middle", table, cut, STOPS)
        add(f"{store}'s table gone", table, remove, STOPS)
        manifest = largest(folder, "MANIFEST-*")
        for percent in (10, 50, 95):
            add(f"a byte flipped at {percent} % of {store}'s MANIFEST", manifest,
                flip(percent / 100), STOPS, SERVES)
        add(f"{store}'s MANIFEST cut in the middle", manifest, cut, STOPS)
        add(f"{store}'s MANIFEST gone", manifest, remove, STOPS)
        add(f"a byte flipped in {store}'s CURRENT", folder / "CURRENT", flip(0.5), STOPS)
        add(f"{store}'s CURRENT empty", folder / "CURRENT", empty, STOPS)
        add(f"{store}'s CURRENT gone", folder / "CURRENT", remove, STOPS)
        add(f"{store}'s IDENTITY gone", folder / "IDENTITY", remove, STOPS, SERVES)
        add(f"the folder {store} gone", folder, remove, STOPS)
    blob = min(path for path in data.glob("blobs/*/*") if path.stat().st_size == LARGE)
    for percent in (10, 50, 95):
        add(f"a byte flipped at {percent} % of a blob", blob, flip(percent / 100), REFUSES)
    add("a blob cut in the middle", blob, cut, REFUSES)
    add("a blob empty", blob, empty, REFUSES)
    add("a blob gone", blob, remove, REFUSES)
    add("a blob with bytes behind it", blob, lengthen, REFUSES, SERVES)
    add("the folder of blobs gone", data / "blobs", remove, STOPS, REFUSES)
    return found


class Round:
    def __init__(self, reference, place, kind):
        self.reference = reference
        self.kind = kind
        self.data = reference.copy(place / "data")
        self.server = None
        self.said = ""

    def run(self):
        """What happened, one of the four."""
        self.kind.do(self.data / self.kind.file)
        verifies = self._flipped_blob() and knows("--verify-reads")
        flags = ["--verify-reads", "100"] if verifies else []
        self.server, self.said = try_to_start(*flags, data=self.data)
        if self.server is None:
            return self._stopped()
        found = self.reference.look(self.server)
        self.said = self.server.stderr()
        bad = {name: state for name, state in found.items() if state not in (RIGHT, REFUSED)}
        if WARNS in self.kind.may and set(bad.values()) == {ABSENT} and self._warned():
            self._kept(found)
            self.server.kill()
            return WARNS
        assert not bad, f"starts, and {len(bad)} of {len(found)} values are gone: {some(bad)}"
        refused = [name for name, state in found.items() if state == REFUSED]
        if refused:
            assert any(" error " in line for line in self.said.split("\n")), "no word in the log"
        self.server.kill()
        if refused and self.kind.file.startswith("blobs/"):
            self._verify(refused)
        return REFUSES if refused else SERVES

    def _warned(self):
        name = pathlib.Path(self.kind.file).name
        return any(line.startswith("warn") and name in line for line in lines_of(self.said))

    def _kept(self, found):
        """Damage of a log costs nothing that is in tables, and nothing of the other database."""
        kind = self.kind
        if kind.file.startswith("blobs"):
            return
        other = "key " if kind.file.startswith("store") else "S3 "
        in_tables = [f"{what} {number}" for what in ("S3 object", "item", "key")
                     for number in range(VALUES // 2 - 1)] if kind.file.endswith(".log") else []
        gone = [name for name, state in found.items() if state != RIGHT
                and (name.startswith(other) or name in in_tables)]
        assert not gone, f"{len(gone)} values that were not damaged are gone: {gone[:5]}"

    def _flipped_blob(self):
        return self.kind.file.startswith("blobs/") and "flipped" in self.kind.what

    def _stopped(self):
        lines = lines_of(self.said)
        complaints = [line for line in lines if not line.startswith(("info ", "warn"))]
        assert len(complaints) == 1, f"stops with {len(complaints)} lines: {self.said[-1500:]}"
        name = pathlib.Path(self.kind.file).name
        assert name in complaints[0], f"does not name {self.kind.file}: {complaints[0]}"
        assert "--repair" in complaints[0], f"does not mention --repair: {complaints[0]}"
        self._repair()
        return STOPS

    def _repair(self):
        before = {path.name for path in self.data.iterdir()}
        blobs = len(blob_files(self.data))
        self.server, self.said = try_to_start("--repair", data=self.data)
        assert self.server, f"--repair does not start: {self.said[-1500:]}"
        found = self.reference.look(self.server)
        self.said = self.server.stderr()
        wrong = {name: state for name, state in found.items()
                 if state not in (RIGHT, REFUSED, ABSENT)}
        assert not wrong, f"wrong after --repair: {some(wrong)}"
        aside = {path.name for path in self.data.iterdir()} - before
        assert self.kind.do is remove or any(name.startswith("damaged-") for name in aside), (
            "no old files are kept aside")
        lost = sum(state != RIGHT for state in found.values())
        assert not lost or any(word in self.said for word in ("drop", "lost", "missing")), (
            f"--repair says nothing about {lost} values: {self.said}")
        self._kept(found)
        if lost and not self.kind.file.startswith("blobs"):
            assert len(blob_files(self.data)) >= blobs, "blobs of dropped records are gone as well"
        self.server.kill()
        self.server, self.said = try_to_start(data=self.data)
        assert self.server, f"does not start after the repair: {self.said[-1500:]}"
        again = self.reference.look(self.server)
        assert again == found, "the start after the repair finds something else"
        self.server.kill()

    def _verify(self, refused):
        if not knows("verify"):
            raise AssertionError("there is no `bodega verify`")
        done = subprocess.run([e2e.BINARY, "verify", str(self.data)], capture_output=True,
                              text=True)
        assert done.returncode == 1, f"verify ends with {done.returncode}: {done.stdout[-500:]}"
        keys = [name.removeprefix("S3 ") for name in refused]
        told = done.stdout + done.stderr
        missing = [key for key in keys if key not in told]
        assert not missing, f"verify does not name {missing[:5]}: {told[-500:]}"


_help = []


def knows(word):
    if not _help:
        _help.append(subprocess.run([e2e.BINARY, "--help"], capture_output=True, text=True).stdout)
    return re.search(rf"(^|\s){re.escape(word)}\b", _help[0]) is not None


def run(tally, rounds, first, workshop, _):
    workshop = pathlib.Path(os.path.realpath(workshop))
    reference = Reference(workshop / "reference", VALUES)
    tally.acknowledged = reference.values()
    every = kinds(reference.folder)
    random.Random(tally.seed).shuffle(every)
    # No kind twice: it would find the same.
    for number in range(first, min(first + rounds, len(every) + 1)):
        kind = every[number - 1]
        place = workshop / f"round-{number}"
        place.mkdir()
        one = Round(reference, place, kind)
        try:
            outcome = one.run()
            assert outcome in kind.may, f"it {outcome}, and may only {' or '.join(kind.may)}"
            tally.note(outcome)
        except Exception as error:
            if one.server:
                end(one.server)
            tally.fail(number, f"{kind.what} ({kind.file}): {type(error).__name__}: {error}",
                       one.said)
        tally.rounds += 1
        tally.checked += reference.values()
        shutil.rmtree(place)
