// Redis with ioredis: pipelines, transactions, pub/sub, blocking pops, scan streams.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import Redis from "ioredis";

const redis = new Redis(process.env.BODEGA_REDIS);
const other = new Redis(process.env.BODEGA_REDIS);

beforeEach(() => redis.flushall());
after(() => {
  redis.disconnect();
  other.disconnect();
});

test("types", async () => {
  await redis.set("k", "v", "EX", 100);
  assert.equal(await redis.get("k"), "v");
  await redis.hset("h", { a: 1, b: 2 });
  assert.deepEqual(await redis.hgetall("h"), { a: "1", b: "2" });
  await redis.zadd("z", 1, "one", 2, "two");
  assert.deepEqual(await redis.zrange("z", 0, -1, "WITHSCORES"), ["one", "1", "two", "2"]);
  await redis.rpush("l", "a", "b");
  assert.deepEqual(await redis.lrange("l", 0, -1), ["a", "b"]);
});

test("pipelines and MULTI", async () => {
  const piped = await redis.pipeline().set("a", 1).incr("a").get("a").exec();
  assert.deepEqual(piped, [[null, "OK"], [null, 2], [null, "2"]]);
  const multi = await redis.multi().incr("a").lpush("a", "x").exec();
  assert.equal(multi[0][1], 3);
  assert.match(multi[1][0].message, /WRONGTYPE/);
});

test("a blocking pop is served by another client", async () => {
  const waiting = other.blpop("queue", 5);
  await redis.rpush("queue", "job");
  assert.deepEqual(await waiting, ["queue", "job"]);
});

test("publish and subscribe", async () => {
  const listener = new Redis(process.env.BODEGA_REDIS);
  await listener.subscribe("news");
  const message = new Promise((resolve) => {
    listener.on("message", (channel, text) => resolve([channel, text]));
  });
  await redis.publish("news", "hello");
  assert.deepEqual(await message, ["news", "hello"]);
  listener.disconnect();
});

test("scanStream sees every key", async () => {
  const keys = [...Array(500).keys()].map((n) => `key:${n}`);
  await redis.mset(Object.fromEntries(keys.map((key) => [key, 1])));
  const seen = new Set();
  for await (const page of redis.scanStream({ match: "key:*" })) page.forEach((key) => seen.add(key));
  assert.equal(seen.size, 500);
});
