// BullMQ: queues and workers, events, flows, schedulers, rate limits. All of it is Lua scripts and streams.
import assert from "node:assert/strict";

import { FlowProducer, Queue, QueueEvents, Worker } from "bullmq";

import { atEnd, host, port, scenario, unique, until, within } from "./support.mjs";

const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const open = (Kind, ...rest) => {
  const one = new Kind(...rest);
  one.on("error", () => {});  // without a listener it ends the process before the scenario can say what failed
  atEnd(() => one.close());
  return one;
};
const name = (what) => unique(what).replaceAll(":", "-");

scenario("jobs are worked, retried and counted, and events tell of them", async () => {
  const queue = open(Queue, name("jobs"), { connection });
  const events = open(QueueEvents, queue.name, { connection });
  await within(events.waitUntilReady(), "QueueEvents is not ready");
  const completed = new Set();
  events.on("completed", ({ jobId }) => completed.add(jobId));

  const jobs = await queue.addBulk([...Array(20).keys()].map((n) => ({ name: "double", data: { n } })));
  const late = await queue.add("double", { n: 100 }, { delay: 100 });
  const first = await queue.add("double", { n: 200 }, { priority: 1 });
  const flaky = await queue.add("flaky", {}, { attempts: 2, backoff: { type: "fixed", delay: 10 } });
  const hopeless = await queue.add("hopeless", {});
  open(Worker, queue.name, async (job) => {
    if (job.name === "hopeless" || (job.name === "flaky" && job.attemptsMade === 0)) throw new Error("as asked");
    await job.updateProgress(50);
    return job.data.n * 2;
  }, { connection, concurrency: 3 });

  for (const job of [...jobs, late, first]) {
    assert.equal(await job.waitUntilFinished(events, 30_000), job.data.n * 2);
  }
  await flaky.waitUntilFinished(events, 30_000);
  await assert.rejects(hopeless.waitUntilFinished(events, 30_000), /as asked/);
  assert.deepEqual(await queue.getJobCounts("completed", "failed", "waiting", "delayed", "active"),
    { completed: 23, failed: 1, waiting: 0, delayed: 0, active: 0 });
  await until(() => completed.size === 23, "not every job has its event");
  assert.equal((await queue.getJob(hopeless.id)).failedReason, "as asked");
  await hopeless.retry();
  await until(async () => (await queue.getJob(hopeless.id)).attemptsMade === 2, "the failed job is not tried again");
});

scenario("a flow runs the children first", async () => {
  const queueName = name("flow");
  const flow = open(FlowProducer, { connection });
  const events = open(QueueEvents, queueName, { connection });
  await within(events.waitUntilReady(), "QueueEvents is not ready");
  const { job } = await flow.add({
    name: "sum", queueName,
    children: [1, 2, 3].map((n) => ({ name: "square", data: { n }, queueName })),
  });
  open(Worker, queueName, async (one) => {
    if (one.name === "square") return one.data.n ** 2;
    return Object.values(await one.getChildrenValues()).reduce((a, b) => a + b);
  }, { connection });
  assert.equal(await job.waitUntilFinished(events, 30_000), 14);
});

scenario("a scheduler repeats its job", async () => {
  const queue = open(Queue, name("scheduler"), { connection });
  await queue.upsertJobScheduler("often", { every: 50, limit: 3 }, { name: "tick", data: {} });
  const seen = [];
  open(Worker, queue.name, async (job) => seen.push(job.name), { connection });
  await until(() => seen.length >= 3, "the scheduled job did not run three times");
  assert.deepEqual(new Set(seen), new Set(["tick"]));
  await queue.upsertJobScheduler("yearly", { pattern: "0 0 1 1 *" }, { name: "tick" });
  assert.equal((await queue.getJobScheduler("yearly")).pattern, "0 0 1 1 *");
  assert.equal(await queue.removeJobScheduler("yearly"), true);
});

scenario("pause, drain, and one job for one id", async () => {
  const queue = open(Queue, name("control"), { connection });
  await queue.pause();
  assert.equal(await queue.isPaused(), true);
  await queue.add("one", { n: 1 }, { jobId: "same" });
  await queue.add("one", { n: 2 }, { jobId: "same" });
  assert.equal(await queue.count(), 1);
  await queue.add("two", {}, { deduplication: { id: "only" } });
  await queue.add("two", {}, { deduplication: { id: "only" } });
  assert.equal(await queue.count(), 2);
  await queue.resume();
  await queue.drain();
  assert.equal(await queue.count(), 0);
  await queue.obliterate({ force: true });
});

scenario("a limiter spreads the jobs", async () => {
  const queue = open(Queue, name("limiter"), { connection });
  await queue.addBulk([...Array(4).keys()].map((n) => ({ name: "n", data: { n } })));
  const times = [];
  open(Worker, queue.name, async () => times.push(Date.now()), { connection, limiter: { max: 2, duration: 300 } });
  await until(() => times.length === 4, "the limited jobs are not all worked");
  assert.ok(times[2] - times[0] >= 150, `the third came ${times[2] - times[0]} ms after the first`);
});
