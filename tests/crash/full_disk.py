"""full: the disk fills up through one of the APIs, is emptied through all of them, and takes
writes.

A small tmpfs (in long runs an ext4 every third time) is filled until writes are refused; every
second time another program takes the last bytes as well. What was acknowledged is read; DELETE,
DeleteItem, DEL, FLUSHALL and AbortMultipartUpload answer well and give room for writes. A start on
the full disk serves reads and deletes."""

import os
import pathlib
import random
import shutil
import time

from load import end, try_to_start
from mounts import Ext4, tmpfs
from s3_writer import bytes_of
from wire import Fault, Gone, Http, Redis

SHORT_ROUNDS = 3
SIZE_MB = 160
ANSWERED_WITHIN_S = 3.0  # a delete, on a full disk
WRITES_WITHIN_S = 3.0    # after it
BUCKET, TABLE = "full", "full"
OBJECT, ITEM, VALUE = 1_000_000, 300_000, 400_000
SMALL = 100
GIVE_UP = 3  # refusals in a row: it is full
DELETES = 6
PART = 5 * 1024 * 1024
SPARE, SPARE_BYTES = 20, 1_500_000  # objects that are removed behind a start on the full disk


class Clients:
    def __init__(self, server):
        self.s3 = Http(server.http_address, "s3")
        self.dynamodb = Http(server.http_address, "dynamodb")
        self.server = server
        self.redis = None

    def write(self, kind, number, size):
        if kind == "object":
            self.s3.expect((200,), "PUT", f"/{BUCKET}/{number}", body=bytes_of([(number, size)]))
        elif kind == "item":
            self.dynamodb.dynamodb("PutItem", TableName=TABLE, Item=item_of(number, size))
        else:
            self.call("SET", f"key {number}", text_of(number, size))

    def read(self, kind, number):
        if kind == "object":
            status, _, body = self.s3.send("GET", f"/{BUCKET}/{number}")
            assert status in (200, 404), f"GET of an object: {status} {body[:200]!r}"
            return body if status == 200 else None
        if kind == "item":
            return self.dynamodb.dynamodb("GetItem", TableName=TABLE, ConsistentRead=True,
                                          Key={"number": {"N": str(number)}}).get("Item")
        value = self.call("GET", f"key {number}")
        return value and value.decode()

    def remove(self, kind, number):
        if kind == "object":
            self.s3.expect((204,), "DELETE", f"/{BUCKET}/{number}")
        elif kind == "item":
            self.dynamodb.dynamodb("DeleteItem", TableName=TABLE,
                                   Key={"number": {"N": str(number)}})
        else:
            self.call("DEL", f"key {number}")

    def call(self, *command):
        # A connection for each: an error may end it.
        client = Redis(self.server.redis, 0)
        try:
            return client.call(*command)
        finally:
            client.close()


def text_of(number, size):
    return f"text {number} ".ljust(size, "t")


def item_of(number, size):
    return {"number": {"N": str(number)}, "text": {"S": text_of(number, size)}}


def value_of(kind, number, size):
    return (bytes_of([(number, size)]) if kind == "object" else
            item_of(number, size) if kind == "item" else text_of(number, size))


class Round:
    def __init__(self, tally, chance, disk, level, number):
        self.tally = tally
        self.random = chance
        self.disk = disk
        self.data = disk / "data"
        self.flags = ["--durability", level]
        self.first = ("object", "item", "key")[(number - 1) % 3]
        self.ballast = number % 2 == 0 or number == 1
        self.known = {}      # (kind, number) -> size
        self.unknown = {}    # the same, of writes that were refused: there or not
        self.gone = set()
        self.next = 1
        self.server = None
        self.doing = "starting"

    def start(self):
        self.server, said = try_to_start(*self.flags, data=self.data)
        assert self.server, f"does not start: {said}"
        self.clients = Clients(self.server)

    def run(self):
        self.start()
        self._prepare()
        self._fill()
        self._read("on the full disk")
        self._empty()
        self._fill()
        self.doing = "killing and starting on the full disk"
        self.server.kill()
        self.start()
        self._read("after a start on the full disk")
        self._remove_some("object", SPARE, SPARE_BYTES)
        self._remove_some(self.first, DELETES)
        self._room("after deletes behind a start on the full disk")
        self._take_ballast()
        self._room("when another program gave room")
        self._read("with room again")
        self.server.kill()
        self.start()
        self._read("after a start with room again")
        self.server.kill()

    def _prepare(self):
        self.clients.s3.expect((200,), "PUT", f"/{BUCKET}")
        self.clients.dynamodb.dynamodb(
            "CreateTable", TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}])
        for kind in ("object", "item", "key"):
            for _ in range(DELETES * 2):
                assert self._write(kind, 200_000), f"{kind}: refused on an empty disk"
        for _ in range(SPARE):
            assert self._write("object", SPARE_BYTES), "refused on an empty disk"
        self.upload = self.clients.s3.xml("POST", f"/{BUCKET}/upload", {"uploads": ""}) \
            .findtext("UploadId")
        for number in (1, 2):
            self.clients.s3.expect((200,), "PUT", f"/{BUCKET}/upload",
                                   {"partNumber": number, "uploadId": self.upload},
                                   body=bytes_of([(number, PART)]))

    def _write(self, kind, size):
        name = (kind, self.next)
        self.next += 1
        try:
            self.clients.write(kind, name[1], size)
        except (Fault, Gone):
            self.unknown[name] = size
            return False
        self.known[name] = size
        self.tally.acknowledged += 1
        return True

    def _fill(self):
        sizes = {"object": OBJECT, "item": ITEM, "key": VALUE}
        order = [self.first, *(kind for kind in sizes if kind != self.first)]
        for kind in order:
            self.doing = f"filling with {kind}s"
            refused = 0
            while refused < GIVE_UP:
                refused = 0 if self._write(kind, sizes[kind]) else refused + 1
        if self.ballast:
            self.doing = "filling with something else"
            with open(self.disk / "ballast", "ab") as file:
                for size in (1 << 20, 1 << 12):
                    try:
                        while True:
                            os.write(file.fileno(), bytes(size))
                    except OSError:
                        pass
        for kind in order:
            self._write(kind, SMALL)

    def _take_ballast(self):
        if self.ballast:
            (self.disk / "ballast").unlink()

    def _read(self, when):
        self.doing = f"reading {when}"
        lost = []
        for name, size in self.known.items():
            found = self.clients.read(*name)
            if found != value_of(*name, size):
                lost.append(f"{name[0]} {name[1]}" + ("" if found is None else " is wrong"))
        for name in self.gone:
            if self.clients.read(*name) is not None:
                lost.append(f"{name[0]} {name[1]} is back")
        for name, size in self.unknown.items():
            if self.clients.read(*name) not in (None, value_of(*name, size)):
                lost.append(f"{name[0]} {name[1]}, refused, is there by half")
        self.tally.checked += len(self.known) + len(self.gone)
        assert not lost, f"{len(lost)} of {len(self.known)} lost or wrong: {lost[:5]}"

    def _answer(self, what, act):
        """A delete is answered well, if not at once then soon."""
        self.doing = what
        begun = time.monotonic()
        while True:
            try:
                act()
                break
            except (Fault, Gone) as error:
                assert time.monotonic() - begun < ANSWERED_WITHIN_S, f"is refused: {error}"
                time.sleep(0.1)
        self._slowest("delete", time.monotonic() - begun)

    def _slowest(self, what, took):
        what = f"ms slowest {what}"
        self.tally.notes[what] = max(self.tally.notes.get(what, 0), round(took * 1000))

    def _remove_some(self, kind, count, size=None):
        fitting = [name for name, known in self.known.items()
                   if name[0] == kind and (size == known if size else known != SPARE_BYTES)]
        for name in fitting[:count]:
            self._answer(f"removing {kind} {name[1]}", lambda: self.clients.remove(*name))
            del self.known[name]
            self.gone.add(name)

    def _room(self, when):
        """Each API takes writes again."""
        self.doing = f"writing {when}"
        begun = time.monotonic()
        waiting = ["object", "item", "key"]
        while waiting:
            waiting = [kind for kind in waiting if not self._write(kind, SMALL)]
            took = time.monotonic() - begun
            assert not waiting or took < WRITES_WITHIN_S, f"{waiting} refused after {took:.1f} s"
            time.sleep(0.05 if waiting else 0)
        self._slowest("return of writes", took)

    def _empty(self):
        """All ways to give room back, on the full disk."""
        kinds = ["object", "item", "key"]
        self.random.shuffle(kinds)
        for kind in kinds:
            self._remove_some(kind, DELETES)
        self._answer("AbortMultipartUpload", lambda: self.clients.s3.expect(
            (204,), "DELETE", f"/{BUCKET}/upload", {"uploadId": self.upload}))
        if self.first == "key":
            self._answer("FLUSHALL", lambda: self.clients.call("FLUSHALL"))
            for name in [name for name in self.known if name[0] == "key"]:
                del self.known[name]
                self.gone.add(name)
            for name in [name for name in self.unknown if name[0] == "key"]:
                del self.unknown[name]
        elif self.first == "item":
            self._remove_some("item", len(self.known))
        self._room("after deletes")


def run(tally, rounds, first, workshop, _):
    workshop = pathlib.Path(os.path.realpath(workshop))
    for number in range(first, first + rounds):
        chance = random.Random(f"{tally.seed} full {number}")
        place = workshop / f"round-{number}"
        ext4 = number > 3 and number % 3 == 1
        level = chance.choice(["process", "power"])
        with (Ext4(place, SIZE_MB) if ext4 else tmpfs(place, SIZE_MB)):
            one = Round(tally, chance, place, level, number)
            try:
                one.run()
            except Exception as error:
                if one.server:
                    end(one.server)
                how = (f"{'ext4' if ext4 else 'tmpfs'} filled with {one.first}s"
                       f"{' and a ballast' if one.ballast else ''}, {level}, {one.doing}")
                tally.fail(number, f"{how}: {type(error).__name__}: {error}",
                           one.server.stderr() if one.server else "")
            finally:
                tally.rounds += 1
        shutil.rmtree(place)
        place.with_suffix(".img").unlink(missing_ok=True)
