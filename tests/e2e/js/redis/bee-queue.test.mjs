// bee-queue: jobs, progress, retries, delays.
import assert from "node:assert/strict";

import BeeQueue from "bee-queue";

import { atEnd, host, port, scenario, unique, until, within } from "./support.mjs";

const queue = new BeeQueue(unique("bee"), { redis: { host, port: Number(port) }, activateDelayedJobs: true });

atEnd(() => queue.close());

scenario("jobs are worked, tried again, delayed and counted", async () => {
  await within(queue.ready(), "the queue is not ready");
  const finished = new Map();
  queue.on("job succeeded", (id, result) => finished.set(id, result));
  const failed = new Set();
  queue.on("job failed", (id) => failed.add(id));
  let tries = 0;
  queue.process(2, async ({ data }) => {
    if (data.never || (data.once && tries++ === 0)) throw new Error("as asked");
    return data.n * 2;
  });
  const jobs = await Promise.all([...Array(10).keys()].map((n) => queue.createJob({ n }).save()));
  const again = await queue.createJob({ n: 50, once: true }).retries(1).save();
  const late = await queue.createJob({ n: 60 }).delayUntil(Date.now() + 100).save();
  const never = await queue.createJob({ never: true }).save();
  await until(() => finished.size === 12 && failed.size === 1, "not every job is done");
  for (const job of [...jobs, again, late]) assert.equal(finished.get(job.id), job.data.n * 2);
  assert.ok(failed.has(never.id) && tries === 2);
  const health = await queue.checkHealth();
  assert.equal(health.succeeded, 12);
  assert.equal(health.failed, 1);
});
