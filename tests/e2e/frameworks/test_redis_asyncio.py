"""redis-py's asyncio client: locks, scripts, pipelines, streams and pub/sub in one loop."""

import asyncio

import redis.asyncio as redis_async


def run_async(bodega, scenario):
    async def with_client():
        async with redis_async.Redis(host=bodega.redis[0], port=bodega.redis[1],
                                     decode_responses=True, socket_timeout=30) as connection:
            await asyncio.wait_for(scenario(connection), 60)
    asyncio.run(with_client())


def test_lock_and_script(bodega, unique):
    async def scenario(client):
        store = client.register_script("return redis.call('SET', KEYS[1], ARGV[1])")

        async def work():
            for _ in range(10):
                async with client.lock(f"lock:{unique}", timeout=60, sleep=0.001):
                    count = int(await client.get(unique) or 0)
                    await store(keys=[unique], args=[count + 1])

        await asyncio.gather(*(work() for _ in range(5)))
        assert await client.get(unique) == "50"
    run_async(bodega, scenario)


def test_streams_and_publish(bodega, unique):
    async def scenario(client):
        async with client.pubsub() as pubsub:
            await pubsub.subscribe(unique)
            assert (await pubsub.get_message(timeout=30))["type"] == "subscribe"
            reading = asyncio.create_task(client.xread({unique: "0"}, block=30_000))
            async with client.pipeline(transaction=True) as pipe:
                replies = await pipe.xadd(unique, {"n": 1}).publish(unique, "added").execute()
            assert replies[1] == 1
            assert (await pubsub.get_message(timeout=30))["data"] == "added"
            assert replies[0] in str(await reading)
    run_async(bodega, scenario)
