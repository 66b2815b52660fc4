"""What web frameworks keep in Redis: Django's cache, sessions of Flask, channels."""

import asyncio

import pytest

from support import until


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


@pytest.mark.parametrize("cache", [DJANGO_OWN], indirect=True)
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


def test_channels(redis_url, unique):
    from channels_redis.pubsub import RedisPubSubChannelLayer

    async def scenario():
        channels = RedisPubSubChannelLayer(hosts=[f"{redis_url}/8"], prefix=unique)
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
