"""Redis with redis-py: values beyond the plain types: HyperLogLogs."""

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
