// node-redis in RESP2 and RESP3: types, scripts, functions, streams, publish, the client's own cache.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe } from "node:test";

import { createClient, defineScript } from "redis";

import { atEnd, scenario, unique, until, url, within } from "./support.mjs";

async function connect(options) {
  const client = createClient({ url, ...options });
  atEnd(() => client.destroy());
  client.on("error", () => {});  // without a listener it ends the process before the scenario can say what failed
  await within(client.connect(), "the client does not connect");
  return client;
}

const addAll = defineScript({
  SCRIPT: "for i = 1, #ARGV do redis.call('INCRBY', KEYS[1], ARGV[i]) end return redis.call('GET', KEYS[1])",
  NUMBER_OF_KEYS: 1,
  parseCommand: (parser, key, ...numbers) => {
    parser.pushKey(key);
    parser.push(...numbers.map(String));
  },
  transformReply: Number,
});

for (const RESP of [2, 3]) {
  describe(`RESP${RESP}`, () => {
    let client;
    before(async () => {
      client = await connect({ RESP, scripts: { addAll } });
    });

    scenario("types", async () => {
      const key = unique("types");
      await client.hSet(key, { a: 1, b: 2 });
      assert.deepEqual({ ...await client.hGetAll(key) }, { a: "1", b: "2" });
      await client.zAdd(`${key}:z`, [{ score: 1.5, value: "one" }, { score: 2, value: "two" }]);
      assert.deepEqual(await client.zRangeWithScores(`${key}:z`, 0, -1),
        [{ score: 1.5, value: "one" }, { score: 2, value: "two" }]);
      const [set, count] = await client.multi().set(`${key}:n`, "1", { EX: 60 }).incr(`${key}:n`).exec();
      assert.deepEqual([set, count], ["OK", 2]);
      const keys = [];
      for await (const page of client.scanIterator({ MATCH: `${key}*` })) keys.push(...page);
      assert.deepEqual(keys.sort(), [key, `${key}:n`, `${key}:z`]);
    });

    scenario("scripts and functions", async () => {
      const key = unique("scripts");
      assert.equal(await client.addAll(key, 1, 2, 3), 6);
      assert.equal(await client.addAll(key, 4), 10);
      assert.equal(await client.eval("return KEYS[1] .. ARGV[1]", { keys: ["a"], arguments: ["b"] }), "ab");
      const library = `lib_${randomUUID().replaceAll("-", "")}`;
      await client.functionLoad(`#!lua name=${library}
        redis.register_function('${library}_get', function(keys) return redis.call('GET', keys[1]) end)`);
      assert.equal(await client.fCall(`${library}_get`, { keys: [key] }), "10");
      await client.functionDelete(library);
    });

    scenario("publish and subscribe, plain, by pattern and sharded", async () => {
      const channel = unique("channel");
      const listener = await connect({ RESP });
      const got = [];
      await listener.subscribe(channel, (message) => got.push(`plain ${message}`));
      await listener.pSubscribe(`${channel}*`, (message) => got.push(`pattern ${message}`));
      await listener.sSubscribe(channel, (message) => got.push(`sharded ${message}`));
      await client.publish(channel, "a");
      await client.sPublish(channel, "b");
      await until(() => got.length === 3, `not every message came: ${got}`);
      assert.deepEqual(got.sort(), ["pattern a", "plain a", "sharded b"]);
    });
  });
}

scenario("streams with a group", async () => {
  const key = unique("stream");
  const [client, reading] = [await connect(), await connect()];
  await client.xGroupCreate(key, "group", "0", { MKSTREAM: true });
  const read = reading.xReadGroup("group", "me", { key, id: ">" }, { COUNT: 10, BLOCK: 30_000 });
  const id = await client.xAdd(key, "*", { n: "1" });
  const seen = await within(read, "the blocked read is not served");
  assert.equal(seen[0].name, key);
  assert.deepEqual({ ...seen[0].messages[0].message }, { n: "1" });
  assert.equal(seen[0].messages[0].id, id);
  assert.equal((await client.xPending(key, "group")).pending, 1);
  assert.equal(await client.xAck(key, "group", id), 1);
  assert.equal((await client.xInfoGroups(key))[0].pending, 0);
});

scenario("the client's own cache is told of changes", async () => {
  const key = unique("cached");
  const caching = await connect({ RESP: 3, clientSideCache: { ttl: 0, maxEntries: 100 } });
  const other = await connect();
  await other.set(key, "one");
  assert.equal(await caching.get(key), "one");
  await other.set(key, "two");
  await until(async () => await caching.get(key) === "two", "the cache still has the old value");
});
