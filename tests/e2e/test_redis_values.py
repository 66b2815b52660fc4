"""Redis with redis-py: values beyond the plain types: HyperLogLogs, points, fields that expire."""

import time

import pytest
import redis as redis_py


def test_hyperloglogs(redis):
    assert redis.pfadd("visits", *range(1000)) == 1
    assert abs(redis.pfcount("visits") - 1000) < 30
    assert redis.pfadd("visits", 5) == 0
    redis.pfadd("others", *range(500, 1500))
    assert redis.pfmerge("both", "visits", "others")
    assert abs(redis.pfcount("both") - 1500) < 45
    assert redis.pfcount("visits", "others") == redis.pfcount("both")
    # The string is the value: another server may be given it.
    redis.set("copy", redis.get("both"))
    assert redis.pfcount("copy") == redis.pfcount("both")
    redis.set("text", "x")
    with pytest.raises(redis_py.ResponseError, match="not a valid HyperLogLog"):
        redis.pfadd("text", 1)


def test_points(redis):
    places = (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")
    assert redis.geoadd("sicily", places) == 2
    assert redis.geodist("sicily", "Palermo", "Catania", unit="km") == 166.2742
    assert redis.geohash("sicily", "Palermo") == ["sqc8b49rny0"]
    assert redis.geopos("sicily", "Palermo", "none") == [
        (13.36138933897018433, 38.11555639549629859),
        None,
    ]
    found = redis.geosearch(
        "sicily", longitude=15, latitude=37, radius=200, unit="km", sort="ASC", withdist=True
    )
    assert found == [[b"Catania", 56.4413], [b"Palermo", 190.4424]]
    assert redis.geosearchstore("near", "sicily", member="Catania", radius=1, unit="km") == 1
    assert redis.zrange("near", 0, -1) == [b"Catania"]


def test_fields_that_expire(redis):
    redis.hset("session", mapping={"token": "abc", "user": "eva"})
    assert redis.execute_command("HPEXPIRE", "session", 60, "FIELDS", 1, "token") == [1]
    assert redis.execute_command("HTTL", "session", "FIELDS", 2, "token", "user") == [1, -1]
    assert redis.hget("session", "token") == b"abc"
    deadline = time.monotonic() + 5
    while redis.hexists("session", "token") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert redis.hgetall("session") == {b"user": b"eva"}


def test_fields_expire_without_being_looked_at(redis):
    redis.hset("h", mapping={f"f{n}": n for n in range(1000)})
    redis.execute_command("HPEXPIRE", "h", 50, "FIELDS", 1000, *[f"f{n}" for n in range(1000)])
    deadline = time.monotonic() + 5
    while redis.dbsize() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert redis.dbsize() == 0
