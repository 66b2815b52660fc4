// Draws docs/page.png: the page with a morning's work in it.
//   BODEGA_HTTP=http://localhost:4566 BODEGA_REDIS=redis://localhost:6379 node tests/page/screenshot.mjs docs/page.png
import { once } from "node:events";
import { connect } from "node:net";

import { base, dynamodb, makeTable, openBrowser, openPage, put, reset } from "./browser.mjs";

async function redis(lines) {
  const { hostname, port } = new URL(process.env.BODEGA_REDIS);
  const socket = connect(Number(port), hostname);
  socket.end(lines);
  socket.resume();
  await once(socket, "close");
}

await reset();
await put("/photos");
await put("/invoices");
for (let i = 0; i < 12; i += 1) await put(`/photos/2026/${String(i).padStart(4, "0")}.jpg`, "x".repeat(170_000 + 9_000 * i));
await put("/invoices/2026-01.pdf", "x".repeat(48_213));
await makeTable("visits");
for (const page of ["home", "about", "pricing"]) {
  await dynamodb("PutItem", { TableName: "visits", Item: { id: { S: page }, hits: { N: "1" } } });
}
await fetch(`${base}/photos/2026/0042.jpg`);
await redis("SET greeting hello\r\nHSET session:7 user ada\r\nINCR hits\r\n");
await dynamodb("PutItem", { TableName: "visits", Item: { id: { S: "home" } },
  ConditionExpression: "attribute_not_exists(id)" }).catch(() => {});
await fetch(`${base}/photos?cors`, { method: "PUT", body: "<CORSConfiguration/>" });
await fetch(base, { method: "POST", body: "Action=SendMessage&Version=2012-11-05", headers: {
  "Content-Type": "application/x-www-form-urlencoded",
  Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
} });
await fetch(`${base}/photos/2026/0003.jpg`).then((reply) => reply.arrayBuffer());

const { context, close } = await openBrowser({ viewport: { width: 1200, height: 760 } });
const { page } = await openPage(context);
await page.waitForTimeout(3000);  // until Redis has told of its keys and nothing is new
await page.screenshot({ path: process.argv[2] });
await close();
