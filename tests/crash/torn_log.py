"""torn: a log that a killed process left unsynced is torn after others were built upon it.

A process under --durability power is killed where it would sync the log of a PUT. The next one
reads that record from the log and acknowledges (and syncs) twenty objects, an item and some keys.
Then the first log loses what the first process had not synced, in whole or in part, as a power cut
could have done if nobody had synced it since. Every acknowledged write is there, and the folder
opens."""

import os
import pathlib
import random
import shutil

from disk import Disk
from load import end, try_to_start
from s3_writer import bytes_of
from shim import Shim, was_killed
from wire import Gone, Http, Redis

PLACES = ("the synced size", "a byte behind it", "the middle", "a byte missing", "a random place")
SHORT_ROUNDS = len(PLACES)
OBJECTS, KEYS = 20, 10
BUCKET, TABLE = "torn", "torn"


def cut_of(place, synced, size, chance):
    return {"the synced size": synced, "a byte behind it": synced + 1,
            "the middle": (synced + size) // 2, "a byte missing": size - 1,
            "a random place": chance.randint(synced, size - 1)}[place]


def prepare(server):
    s3 = Http(server.http_address, "s3")
    s3.expect((200,), "PUT", f"/{BUCKET}")
    Http(server.http_address, "dynamodb").dynamodb(
        "CreateTable", TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    s3.expect((200,), "PUT", f"/{BUCKET}/a", body=b"a")
    redis = Redis(server.redis, 0)
    redis.call("SET", "a", "a")
    redis.close()


def unsynced(server, shim, store):
    """The record that is written and not synced, as the server dies before."""
    shim.set_rule(0, ["fdatasync", "fsync"], f"{store}/*.log", "kill")
    try:
        if store == "store":
            Http(server.http_address, "s3").send("PUT", f"/{BUCKET}/b", body=b"b" * 2000)
        else:
            Redis(server.redis, 0).call("SET", "b", "b" * 2000)
    except Gone:
        pass
    server.process.wait(10)
    assert was_killed(server.process)


def write(server):
    s3, redis = Http(server.http_address, "s3"), Redis(server.redis, 0)
    for number in range(OBJECTS):
        s3.expect((200,), "PUT", f"/{BUCKET}/{number}", body=bytes_of([(number, 5000)]))
    Http(server.http_address, "dynamodb").dynamodb(
        "PutItem", TableName=TABLE, Item={"id": {"S": "item"}, "text": {"S": "text"}})
    for number in range(KEYS):
        redis.call("SET", f"key {number}", f"value {number}")
    redis.close()


def check(server):
    s3, redis = Http(server.http_address, "s3"), Redis(server.redis, 0)
    gone = [number for number in ["a", *range(OBJECTS)] if s3.send(
        "GET", f"/{BUCKET}/{number}")[2] != (
            b"a" if number == "a" else bytes_of([(number, 5000)]))]
    item = Http(server.http_address, "dynamodb").dynamodb(
        "GetItem", TableName=TABLE, Key={"id": {"S": "item"}}).get("Item")
    keys = [number for number in range(KEYS)
            if redis.call("GET", f"key {number}") != f"value {number}".encode()]
    redis.close()
    assert not gone and item and not keys, (
        f"{len(gone)} of {OBJECTS + 1} objects, {0 if item else 1} of 1 item and {len(keys)} of "
        f"{KEYS} keys are gone")
    return OBJECTS + KEYS + 2


def one_round(chance, place, where, store, tell):
    data = place / "data"
    data.mkdir(parents=True)
    shim = Shim(place, data, place / "journal")
    flags = ["--durability", "power"]

    def start(**more):
        server, said = try_to_start(*flags, data=data, **more)
        assert server, f"does not start: {said}"
        tell(server)
        return server

    server = start(env=shim.env)
    prepare(server)
    unsynced(server, shim, store)
    disk = Disk("ext4")
    disk.replay(shim.records())
    log = largest_unsynced(disk, store)
    synced, size = len(disk.strict()[log]), (data / log).stat().st_size
    assert synced < size, f"{log}: all {size} bytes are synced"
    server = start()
    write(server)
    server.kill()
    if (data / log).exists():
        os.truncate(data / log, cut_of(where, synced, size, chance))
    server = start()
    checked = check(server)
    server.kill()
    return checked


def largest_unsynced(disk, store):
    strict, running = disk.strict(), disk.running()
    logs = [path for path in running if path.startswith(f"{store}/") and path.endswith(".log")]
    return max(logs, key=lambda path: len(running[path]) - len(strict.get(path, b"")))


def run(tally, rounds, first, workshop, _):
    workshop = pathlib.Path(os.path.realpath(workshop))
    for number in range(first, first + rounds):
        chance = random.Random(f"{tally.seed} torn {number}")
        where = PLACES[(number - 1) % len(PLACES)]
        store = "keyspace" if (number - 1) // len(PLACES) % 2 else "store"
        place = workshop / f"round-{number}"
        servers = []
        try:
            tally.checked += one_round(chance, place, where, store, servers.append)
        except Exception as error:
            end(servers[-1] if servers else None)
            what = f"{store}'s first log cut at {where}"
            tally.fail(number, f"{what}: {type(error).__name__}: {error}",
                       servers[-1].stderr() if servers else "")
        tally.rounds += 1
        tally.acknowledged += OBJECTS + KEYS + 2
        shutil.rmtree(place)
