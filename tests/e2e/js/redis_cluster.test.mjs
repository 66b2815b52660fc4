// A Redis shown as a cluster, with ioredis and node-redis: commands, pipelines, MULTI, failover, sharded
// pub/sub.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import Redis from "ioredis";
import { createCluster } from "redis";

const start = new URL(process.env.BODEGA_REDIS_CLUSTER);
const cluster = new Redis.Cluster([{ host: start.hostname, port: Number(start.port) }]);

before(() => Promise.all(cluster.nodes("master").map((node) => node.flushall())));
after(() => cluster.disconnect());

test("each key finds its node", async () => {
  const keys = Array.from({ length: 100 }, (_, i) => `key:${i}`);
  await Promise.all(keys.map((key) => cluster.set(key, key)));
  assert.deepEqual(await Promise.all(keys.map((key) => cluster.get(key))), keys);
  assert.equal(cluster.nodes("master").length, 3);
  assert.equal(cluster.nodes("slave").length, 3);
  const sizes = await Promise.all(cluster.nodes("master").map((node) => node.dbsize()));
  assert.equal(sizes.reduce((a, b) => a + b), 100);
});

test("pipelines and MULTI within a slot", async () => {
  assert.deepEqual(await cluster.pipeline().set("{a}1", 1).incr("{a}1").exec(),
    [[null, "OK"], [null, 2]]);
  assert.deepEqual(await cluster.multi().incr("{a}1").get("{a}1").exec(), [[null, 3], [null, "3"]]);
});

test("several keys of several slots are refused", async () => {
  await assert.rejects(cluster.mget("a", "b"), /CROSSSLOT/);
});

test("a failover is followed", async () => {
  await cluster.set("{f}", "before");
  const id = await cluster.cluster("KEYSLOT", "{f}");
  const range = (await cluster.cluster("SLOTS")).find(([first, last]) => first <= id && id <= last);
  const replica = new Redis({ host: start.hostname, port: range[3][1] });
  assert.equal(await replica.cluster("FAILOVER"), "OK");
  assert.equal(await cluster.get("{f}"), "before");
  assert.equal(await cluster.set("{f}", "after"), "OK");
  replica.disconnect();
});

test("node-redis: keys and sharded pub/sub", async () => {
  const client = createCluster({ rootNodes: [{ url: process.env.BODEGA_REDIS_CLUSTER }] });
  await client.connect();
  const keys = Array.from({ length: 50 }, (_, i) => `node-redis:${i}`);
  await Promise.all(keys.map((key) => client.set(key, key)));
  assert.deepEqual(await Promise.all(keys.map((key) => client.get(key))), keys);
  assert.equal(client.masters.length, 3);
  const heard = new Promise((resolve) => client.sSubscribe("orders", resolve));
  for (let sent = 0; sent === 0;) sent = await client.sPublish("orders", "one");
  assert.equal(await heard, "one");
  await client.close();
});
