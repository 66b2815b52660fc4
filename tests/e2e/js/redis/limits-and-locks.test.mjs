// Locks and rate limits of Node.js: redlock, rate-limiter-flexible, express-rate-limit's store.
import assert from "node:assert/strict";

import Redis from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { RedisStore } from "rate-limit-redis";
import Redlock from "redlock";

import { atEnd, scenario, unique, url } from "./support.mjs";

const redis = new Redis(url);
atEnd(() => redis.disconnect());

scenario("redlock: one holder, extended and given back", async () => {
  const name = unique("lock");
  const locks = new Redlock([redis], { retryCount: 0 });
  const held = await locks.lock(name, 30_000);
  await assert.rejects(locks.lock(name, 30_000), { name: "LockError" });
  const longer = await held.extend(60_000);
  assert.ok(await redis.pttl(name) > 30_000);
  await longer.unlock();
  assert.equal(await redis.exists(name), 0);
  const patient = new Redlock([redis], { retryCount: 200, retryDelay: 5, retryJitter: 5 });
  let inside = 0;
  await Promise.all([...Array(5)].map(async () => {
    const mine = await patient.lock(name, 30_000);
    inside += 1;
    assert.equal(inside, 1);
    await redis.ping();
    inside -= 1;
    await mine.unlock();
  }));
});

scenario("rate-limiter-flexible: points, penalty, block", async () => {
  const limiter = new RateLimiterRedis({ storeClient: redis, keyPrefix: unique("limit"), points: 3, duration: 60 });
  assert.equal((await limiter.consume("someone")).remainingPoints, 2);
  await limiter.penalty("someone", 2);
  await assert.rejects(limiter.consume("someone"), (refused) => refused.msBeforeNext > 0);
  await limiter.block("other", 60);
  await assert.rejects(limiter.consume("other"), (refused) => refused.remainingPoints === 0);
  assert.equal(await limiter.delete("someone"), true);
  assert.equal((await limiter.get("someone")), null);
});

scenario("rate-limit-redis: the store of express-rate-limit", async () => {
  const store = new RedisStore({ sendCommand: (...command) => redis.call(...command), prefix: unique("express") });
  store.init({ windowMs: 60_000 });
  assert.equal((await store.increment("someone")).totalHits, 1);
  const { totalHits, resetTime } = await store.increment("someone");
  assert.equal(totalHits, 2);
  assert.ok(resetTime > new Date());
  await store.decrement("someone");
  assert.equal((await store.get("someone")).totalHits, 1);
  await store.resetKey("someone");
  assert.equal((await store.increment("someone")).totalHits, 1);
});
