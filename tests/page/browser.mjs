// A Chromium with an empty profile that asks nothing of any network, and what the tests tell the server.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

export const base = process.env.BODEGA_HTTP;
export const port = new URL(base).port;

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
  // A site of somebody else's, whose name is made to point here.
  "--host-resolver-rules=MAP evil.example 127.0.0.1",
];

export async function openBrowser(settings = {}) {
  const profile = await mkdtemp(join(tmpdir(), "bodega-page-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    headless: true, viewport: { width: 1200, height: 900 }, colorScheme: "light", args: flags,
    ...settings,
  });
  return { context, close: async () => { await context.close(); await rm(profile, { recursive: true }); } };
}

// The page at /_bodega/ with its first status, and what it complained of.
export async function openPage(context, path = "/_bodega/") {
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(base + path);
  await page.locator("#stored-rows tr").first().waitFor();
  return { page, complaints };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// What axe-core finds wrong, one text each.
export async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => (await window.axe.run()).violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`)));
}

export const put = (path, body) => fetch(base + path, { method: "PUT", body });

export async function dynamodb(operation, input) {
  const reply = await fetch(base, { method: "POST", body: JSON.stringify(input), headers: {
    "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": `DynamoDB_20120810.${operation}`,
    "X-Amz-Date": "20260101T000000Z",
    Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, " +
      "SignedHeaders=host, Signature=0",
  } });
  if (!reply.ok) throw new Error(await reply.text());
  return reply.json();
}

export async function makeTable(TableName) {
  await dynamodb("CreateTable", {
    TableName, BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  });
}

export const reset = () => fetch(`${base}/_bodega/reset`, { method: "POST" });
