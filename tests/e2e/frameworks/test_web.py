"""What web frameworks keep in Redis: Django's caches and locks, sessions of Flask, rate limits, channels."""

import asyncio

import pytest

from support import until


DJANGO_REDIS = "django_redis.cache.RedisCache"
DJANGO_OWN = "django.core.cache.backends.redis.RedisCache"


@pytest.fixture
def cache(request, redis_url, unique):
    """Django's cache on the backend that the test names."""
    from django.conf import settings
    if not settings.configured:
        settings.configure()
    from django.core.cache import CacheHandler
    caches = CacheHandler({"default": {"BACKEND": request.param, "LOCATION": f"{redis_url}/8",
                                       "KEY_PREFIX": unique}})
    yield caches["default"]
    caches.close_all()


@pytest.mark.parametrize("cache", [DJANGO_REDIS, DJANGO_OWN], indirect=True)
def test_django_cache(cache):
    cache.set("plain", {"a": [1, 2]}, timeout=60)
    assert cache.get("plain") == {"a": [1, 2]} and cache.get("none", "default") == "default"
    assert cache.add("plain", 1) is False and cache.add("new", 1) is True
    cache.set_many({"x": 1, "y": 2})
    assert cache.get_many(["x", "y", "z"]) == {"x": 1, "y": 2}
    assert cache.incr("x", 41) == 42 and cache.decr("x") == 41
    with pytest.raises(ValueError):
        cache.incr("none")
    assert cache.get_or_set("late", lambda: "made", 60) == "made" and cache.get("late") == "made"
    assert cache.touch("plain", 1000) and cache.has_key("plain")
    cache.delete_many(["x", "y"])
    assert cache.get("x") is None
    cache.set("short", 1, timeout=1)
    until(lambda: cache.get("short") is None, "the cached value does not expire")


@pytest.mark.parametrize("cache", [DJANGO_REDIS], indirect=True)
def test_django_redis_has_patterns_and_locks(cache):
    cache.set("a:1", 1, timeout=60)
    cache.set("a:2", 2, timeout=None)
    assert 0 < cache.ttl("a:1") <= 60 and cache.ttl("a:2") is None
    assert sorted(cache.keys("a:*")) == ["a:1", "a:2"] and sorted(cache.iter_keys("a:*")) == ["a:1", "a:2"]
    with cache.lock("a lock", timeout=60):
        assert not cache.lock("a lock", timeout=60).acquire(blocking=False)
    assert cache.delete_pattern("a:*") == 2


def test_flask_sessions(bodega, unique):
    import flask
    import flask_session
    import redis as redis_py

    app = flask.Flask("sessions")
    connection = redis_py.Redis(*bodega.redis, db=8)
    app.config.update(SESSION_TYPE="redis", SESSION_REDIS=connection, SESSION_KEY_PREFIX=unique)
    flask_session.Session(app)

    @app.get("/")
    def count():
        flask.session["count"] = flask.session.get("count", 0) + 1
        return str(flask.session["count"])

    browser = app.test_client()
    assert [browser.get("/").text for _ in range(3)] == ["1", "2", "3"]
    assert app.test_client().get("/").text == "1"
    (first, second) = connection.scan_iter(f"{unique}*")
    assert connection.ttl(first) > 0 and connection.ttl(second) > 0
    connection.close()


@pytest.mark.parametrize("strategy", ["fixed-window", "moving-window", "sliding-window-counter"])
def test_flask_limiter(redis_url, unique, strategy):
    import flask
    import flask_limiter

    app = flask.Flask("limits")
    limiter = flask_limiter.Limiter(lambda: "someone", app=app, storage_uri=f"{redis_url}/8", strategy=strategy,
                                    key_prefix=unique, headers_enabled=True)

    @app.get("/")
    @limiter.limit("3 per hour")
    def page():
        return "page"

    browser = app.test_client()
    replies = [browser.get("/") for _ in range(5)]
    assert [reply.status_code for reply in replies] == [200, 200, 200, 429, 429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies[:3]] == ["2", "1", "0"]


def test_aiocache(bodega, unique):
    import aiocache
    from aiocache.lock import RedLock
    from aiocache.serializers import JsonSerializer

    async def scenario():
        async with aiocache.RedisCache(endpoint=bodega.redis[0], port=bodega.redis[1], db=8, namespace=unique,
                                       serializer=JsonSerializer()) as cache:
            await cache.set("k", {"a": 1}, ttl=60)
            assert await cache.get("k") == {"a": 1} and await cache.exists("k")
            await cache.multi_set([("x", 1), ("y", 2)])
            assert await cache.multi_get(["x", "y", "z"]) == [1, 2, None]
            assert await cache.increment("n", 5) == 5
            async with RedLock(cache, "made", lease=30):
                with pytest.raises(ValueError):  # the key is there, so another does not get the lock
                    await cache.add("made-lock", "another")
            assert not await cache.exists("made-lock")
    asyncio.run(asyncio.wait_for(scenario(), 60))


@pytest.mark.parametrize("layer", ["core", "pubsub"])
def test_channels(redis_url, unique, layer):
    from channels_redis.core import RedisChannelLayer
    from channels_redis.pubsub import RedisPubSubChannelLayer

    async def scenario():
        kind = RedisChannelLayer if layer == "core" else RedisPubSubChannelLayer
        channels = kind(hosts=[f"{redis_url}/8"], prefix=unique)
        first, second = await channels.new_channel(), await channels.new_channel()
        for channel in (first, second):
            await channels.group_add("room", channel)
        await channels.group_send("room", {"type": "news", "text": "hello"})
        for channel in (first, second):
            assert await channels.receive(channel) == {"type": "news", "text": "hello"}
        await channels.group_discard("room", second)
        await channels.send(second, {"type": "only", "n": 1})
        assert (await channels.receive(second))["type"] == "only"
        await channels.flush()
    asyncio.run(asyncio.wait_for(scenario(), 60))
