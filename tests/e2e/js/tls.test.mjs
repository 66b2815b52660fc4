// HTTPS and rediss with the JavaScript SDK and ioredis, which trust what NODE_EXTRA_CA_CERTS names.
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";

import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import Redis from "ioredis";

const settings = {
  endpoint: process.env.BODEGA_HTTPS,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
};
const client = new S3Client({ ...settings, forcePathStyle: true });
const Bucket = `js-${randomUUID().slice(0, 12)}`;

async function bytesOf(answer) {
  return Buffer.from(await answer.Body.transformToByteArray());
}

test("S3 over HTTPS: objects, an upload in parts, a link", async () => {
  await client.send(new CreateBucketCommand({ Bucket }));
  const body = randomBytes(3_000_000);
  await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: body }));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  assert.deepEqual(await bytesOf(got), body);
  const large = randomBytes(11_000_000);
  const done = await new Upload({ client, params: { Bucket, Key: "parts", Body: large } }).done();
  assert.ok(done.Location.startsWith("https://localhost:"), done.Location);
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "parts" }));
  assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), large);
});

test("DynamoDB over HTTPS", async () => {
  const answer = await new DynamoDBClient(settings).send(new ListTablesCommand({}));
  assert.ok(Array.isArray(answer.TableNames));
});

test("Redis over TLS: values, a pipeline, a subscription", async () => {
  const redis = new Redis(process.env.BODEGA_REDISS);
  const listener = new Redis(process.env.BODEGA_REDISS);
  try {
    const value = randomBytes(2_000_000);
    await redis.set("tls:value", value);
    assert.deepEqual(await redis.getBuffer("tls:value"), value);
    const pipeline = redis.pipeline();
    for (let i = 0; i < 2000; i++) pipeline.incr("tls:count");
    const answers = await pipeline.exec();
    assert.deepEqual(answers.at(-1), [null, 2000]);
    const heard = new Promise((resolve) => listener.on("message", (_, text) => resolve(text)));
    await listener.subscribe("tls:news");
    await redis.publish("tls:news", "hello");
    assert.equal(await heard, "hello");
    await redis.del("tls:value", "tls:count");
  } finally {
    redis.disconnect();
    listener.disconnect();
  }
});
