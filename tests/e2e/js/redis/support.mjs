// What the scenarios of Redis's clients share: the address, names of their own, bounded waits, and an end
// that leaves no connection open, whatever failed.
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

export const url = process.env.BODEGA_REDIS;
export const { hostname: host, port } = new URL(url);

// A name that no other scenario uses, so that the files may run beside each other.
export const unique = (what) => `${what}:${randomUUID()}`;

// The promise's value, or an error that says what did not happen in time.
export async function within(promise, what, limit_ms = 30_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${limit_ms} ms: ${what}`)), limit_ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Waits until the condition holds, and returns what it gave.
export async function until(condition, what, limit_ms = 30_000) {
  const deadline = Date.now() + limit_ms;
  for (;;) {
    const seen = await condition();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`after ${limit_ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const SCENARIO_LIMIT_MS = 60_000;
const CLOSE_LIMIT_MS = 10_000;
const closing = [];

export const scenario = (title, run) => test(title, { timeout: SCENARIO_LIMIT_MS }, run);

// Has `close` called when the file's scenarios are over, the last one named first.
export function atEnd(close) {
  closing.push(close);
}

after(async () => {
  setTimeout(() => {
    console.error("something of this file is still open: its process is ended");
    process.exit(1);
  }, 2 * CLOSE_LIMIT_MS).unref();
  for (const close of closing.reverse()) await within(close(), `${close} does not end`, CLOSE_LIMIT_MS);
});
