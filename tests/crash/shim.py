"""The other side of shim.c: compiles it, sets its rules while the server runs, reads its journal."""

import dataclasses
import mmap
import os
import pathlib
import signal
import struct
import subprocess

SOURCE = pathlib.Path(__file__).parent / "shim.c"
RULES = 32

CALLS = {"open": 1 << 0, "write": 1 << 1, "truncate": 1 << 2, "rename": 1 << 3, "link": 1 << 4,
         "unlink": 1 << 5, "mkdir": 1 << 6, "fsync": 1 << 7, "fdatasync": 1 << 8, "read": 1 << 9,
         "fallocate": 1 << 10, "range sync": 1 << 11, "open to read": 1 << 12,
         "start": 1 << 16, "synced": 1 << 17, "data synced": 1 << 18}
NAME_OF_CALL = {bit: name for name, bit in CALLS.items()}
CHANGING = [name for name in CALLS if CALLS[name] < 1 << 12 and name != "read"]
ACTIONS = {"fail": 1, "half": 2, "sleep": 3, "kill": 4, "kill half": 5}

_HEADER = struct.Struct("<IIQ")
_RULE = struct.Struct("<IIIiIIIII220s")
_RECORD = struct.Struct("<IIQQQIHH")
_MAGIC = 0x6A6F7572


class Unavailable(Exception):
    """This machine cannot do what a scenario needs. The text says why."""


_built = {}


def build(folder):
    """The shim's library, compiled once for each folder."""
    library = pathlib.Path(folder) / "shim.so"
    if library not in _built:
        try:
            subprocess.run(["gcc", "-std=gnu11", "-O2", "-shared", "-fPIC", "-o", library, SOURCE,
                            "-ldl", "-lpthread"], check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise Unavailable("there is no gcc to compile shim.c with") from None
        except subprocess.CalledProcessError as error:
            raise AssertionError(f"shim.c does not compile:\n{error.stderr}") from error
        _built[library] = True
    return library


@dataclasses.dataclass
class Record:
    call: str
    sequence: int
    handle: int
    offset: int
    path: str
    second: str
    data: bytes


class Shim:
    """The shim for servers whose files are below `root`. `journal` is a file's path or None."""

    def __init__(self, workshop, root, journal=None):
        self.library = build(workshop)
        self.root = pathlib.Path(os.path.realpath(root))
        self.journal = journal
        self.read_bytes = 0
        rules_file = pathlib.Path(workshop) / "rules"
        rules_file.write_bytes(bytes(_HEADER.size + RULES * _RULE.size))
        with open(rules_file, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.env = {"LD_PRELOAD": str(self.library), "BODEGA_SHIM_ROOT": str(self.root),
                    "BODEGA_SHIM_RULES": str(rules_file)}
        if journal:
            self.env["BODEGA_SHIM_JOURNAL"] = str(journal)

    def leave_out_syncs(self):
        struct.pack_into("<I", self.map, 0, 1)

    def calls(self):
        """How many calls that could have changed something were made so far."""
        return _HEADER.unpack_from(self.map, 0)[2]

    def set_rule(self, slot, calls, pattern, action="fail", error=0, skip=0, times=0, sleep_ms=0):
        """From now on the calls named (a list, or "changing") on paths below the root that fit the
        pattern (`*` goes over slashes) are acted on: after `skip` of them, `times` times, where 0
        is always.
        A write that is done by half needs two times: the half, and the error that follows."""
        names = CHANGING if calls == "changing" else calls
        bits = sum(CALLS[name] for name in names)
        at = _HEADER.size + slot * _RULE.size
        _RULE.pack_into(self.map, at, 0, bits, ACTIONS[action], error, skip, times, sleep_ms, 0, 0,
                        pattern.encode())
        struct.pack_into("<I", self.map, at, 1)

    def fired(self, slot):
        return _RULE.unpack_from(self.map, _HEADER.size + slot * _RULE.size)[8]

    def clear(self):
        for slot in range(RULES):
            struct.pack_into("<I", self.map, _HEADER.size + slot * _RULE.size, 0)

    def records(self):
        """What was put into the journal since the last time. To be asked after each process: a kill
        may have cut its last record short, which is taken away so that the next can go on."""
        found, at = [], 0
        with open(self.journal, "r+b") as file:
            file.seek(self.read_bytes)
            data = memoryview(file.read())
            while at + _RECORD.size <= len(data):
                magic, call, sequence, handle, offset, size, first, second = (
                    _RECORD.unpack_from(data, at))
                assert magic == _MAGIC, f"the journal is out of step at {self.read_bytes + at}"
                names = at + _RECORD.size
                content = names + first + second
                if content + size > len(data):
                    break
                text = bytes(data[names:content])
                found.append(Record(NAME_OF_CALL[call], sequence, handle, offset,
                                    text[:first].decode(), text[first:].decode(),
                                    bytes(data[content:content + size])))
                at = content + size
            self.read_bytes += at
            file.truncate(self.read_bytes)
        return found


def was_killed(process):
    return process.poll() == -signal.SIGKILL
