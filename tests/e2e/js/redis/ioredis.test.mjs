// Redis with ioredis: pipelines, transactions, pub/sub, blocking pops, scan streams, streams, one's own commands.
import assert from "node:assert/strict";
import { beforeEach } from "node:test";

import Redis from "ioredis";

import { atEnd, scenario, unique, url, within } from "./support.mjs";

// A database of its own: other files run beside this one.
function connect() {
  const client = new Redis(url, { db: 1 });
  atEnd(() => client.disconnect());
  return client;
}
const redis = connect();
const other = connect();

beforeEach(() => redis.flushdb());

scenario("types", async () => {
  await redis.set("k", "v", "EX", 100);
  assert.equal(await redis.get("k"), "v");
  await redis.hset("h", { a: 1, b: 2 });
  assert.deepEqual(await redis.hgetall("h"), { a: "1", b: "2" });
  await redis.zadd("z", 1, "one", 2, "two");
  assert.deepEqual(await redis.zrange("z", 0, -1, "WITHSCORES"), ["one", "1", "two", "2"]);
  await redis.rpush("l", "a", "b");
  assert.deepEqual(await redis.lrange("l", 0, -1), ["a", "b"]);
});

scenario("pipelines and MULTI", async () => {
  const piped = await redis.pipeline().set("a", 1).incr("a").get("a").exec();
  assert.deepEqual(piped, [[null, "OK"], [null, 2], [null, "2"]]);
  const multi = await redis.multi().incr("a").lpush("a", "x").exec();
  assert.equal(multi[0][1], 3);
  assert.match(multi[1][0].message, /WRONGTYPE/);
});

scenario("a blocking pop is served by another client", async () => {
  const waiting = other.blpop("queue", 5);
  await redis.rpush("queue", "job");
  assert.deepEqual(await waiting, ["queue", "job"]);
});

scenario("publish and subscribe", async () => {
  const listener = connect();
  await listener.subscribe("news");
  const message = new Promise((resolve) => {
    listener.on("message", (channel, text) => resolve([channel, text]));
  });
  await redis.publish("news", "hello");
  assert.deepEqual(await message, ["news", "hello"]);
});

scenario("scanStream sees every key", async () => {
  const keys = [...Array(500).keys()].map((n) => `key:${n}`);
  await redis.mset(Object.fromEntries(keys.map((key) => [key, 1])));
  const seen = new Set();
  for await (const page of redis.scanStream({ match: "key:*" })) page.forEach((key) => seen.add(key));
  assert.equal(seen.size, 500);
});

scenario("a command of one's own is a script", async () => {
  redis.defineCommand("raise", {
    numberOfKeys: 1,
    lua: `redis.call('SET', KEYS[1], math.max(ARGV[1], redis.call('GET', KEYS[1]) or 0))
          return redis.call('GET', KEYS[1])`,
  });
  assert.equal(await redis.raise("top", 5), "5");
  assert.equal(await redis.raise("top", 3), "5");
  assert.deepEqual(await redis.pipeline().raise("top", 9).get("top").exec(), [[null, "9"], [null, "9"]]);
});

scenario("streams with a group, and a blocked read", async () => {
  await redis.xgroup("CREATE", "stream", "group", "$", "MKSTREAM");
  const waiting = other.xreadgroup("GROUP", "group", "me", "BLOCK", 30_000, "STREAMS", "stream", ">");
  const id = await redis.xadd("stream", "*", "n", "1");
  assert.deepEqual(await within(waiting, "the blocked read is not served"), [["stream", [[id, ["n", "1"]]]]]);
  assert.equal(await redis.xack("stream", "group", id), 1);
});

scenario("keyspace events are heard", async () => {
  const before = (await redis.config("GET", "notify-keyspace-events"))[1];
  await redis.config("SET", "notify-keyspace-events", "KEA");
  const listener = connect();
  await listener.psubscribe("__keyevent@1__:expired");
  const key = unique("short");
  const expired = new Promise((resolve) => {
    listener.on("pmessage", (...event) => event[2] === key && resolve(event));
  });
  await redis.set(key, "v", "PX", 20);
  const channel = "__keyevent@1__:expired";
  assert.deepEqual(await within(expired, "no event of the expiry"), [channel, channel, key]);
  await redis.config("SET", "notify-keyspace-events", before);
});
