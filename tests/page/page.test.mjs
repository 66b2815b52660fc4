// The page at /_bodega/ in a real Chromium, as a person uses it: with the mouse, with the keyboard, with
// what a screen reader is told; and as another site would misuse it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { after, before, beforeEach, test } from "node:test";

import { base, dynamodb, makeTable, openBrowser, openPage, port, put, reset, violations } from "./browser.mjs";

const run = promisify(execFile);
let context;
let close;

before(async () => {
  ({ context, close } = await openBrowser());
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: base });
});
after(() => close());
beforeEach(async () => { assert.equal((await reset()).status, 200); });

const stored = (page, name) =>
  page.locator("#stored-rows tr", { has: page.getByRole("rowheader", { name, exact: true }) });
const requests = (page, text) => page.locator("#request-rows tr:visible", { hasText: text });
const seen = (page, text) => requests(page, text).first().waitFor();
const focused = (page) => page.evaluate(() => {
  const it = document.activeElement;
  if (it === document.body) return "";
  return it.getAttribute("aria-label") || it.id || it.textContent.trim();
});

test("Page: a browser that opens the root lands on it, and it asks nobody else", async () => {
  const asked = [];
  context.on("request", (request) => asked.push(request.url()));
  const { page, complaints } = await openPage(context, "/");
  assert.equal(page.url(), `${base}/_bodega/`);
  assert.equal(await page.title(), "Bodega");
  await page.waitForTimeout(2500);
  assert.ok(asked.filter((url) => url.endsWith("/status")).length >= 2);
  assert.deepEqual(asked.filter((url) => !url.startsWith(`${base}/`) && !url.startsWith("data:")), []);
  assert.deepEqual(complaints, []);
  context.removeAllListeners("request");
  await page.close();
});

test("Page: what is stored stands there with counts and bytes", async () => {
  const { page } = await openPage(context);
  assert.match(await page.locator("#stored-note").textContent(), /Nothing yet/);
  await put("/photos");
  for (const key of ["a", "b"]) await put(`/photos/${key}`, "x".repeat(1500));
  await makeTable("visits");
  await dynamodb("PutItem", { TableName: "visits", Item: { id: { S: "one" } } });
  await stored(page, "photos").waitFor();
  assert.equal(await stored(page, "photos").innerText(), "photos\t2\t3.0 kB");
  await stored(page, "visits").waitFor();
  assert.match(await stored(page, "visits").innerText(), /^visits\t1\t\d+ B$/);
  assert.match(await stored(page, "S3").innerText(), /^S3\t2 objects\t3.0 kB$/);
  await page.close();
});

test("Page: requests come by themselves, with status and reason; what was missing is counted", async () => {
  const { page } = await openPage(context);
  await put("/photos");
  await fetch(`${base}/photos/none.jpg`);
  const missed = requests(page, "photos/none.jpg").first();
  await missed.waitFor();
  assert.match(await missed.innerText(), /GetObject\tphotos\/none.jpg\t404\tNoSuchKey The specified key/);
  for (let i = 0; i < 2; i += 1) {
    await fetch(base, { method: "POST", body: "{}", headers: {
      "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage" } });
  }
  const kind = page.locator("#missing-rows tr", { hasText: "SendMessage" });
  await kind.filter({ has: page.getByText("2", { exact: true }) }).waitFor();
  assert.equal(await requests(page, "SendMessage").first().locator("td.bad").innerText(), "501");
  await page.close();
});

test("Page: names are text and never markup", async () => {
  await put("/photos");
  await put(`/photos/${encodeURIComponent("<img src=x onerror=alert(1)>")}`, "x");
  const { page, complaints } = await openPage(context);
  await seen(page, "onerror");
  assert.equal(await page.locator("#request-rows img").count(), 0);
  assert.deepEqual(complaints, []);
  await page.close();
});

test("Page: the filter and 'errors only' narrow the requests, and say how many are left", async () => {
  await put("/photos");
  await put("/photos/a", "x");
  await fetch(`${base}/photos/none`);
  const { page } = await openPage(context);
  await seen(page, "photos/none");
  await page.getByLabel("Filter the requests").fill("photos putobject");
  assert.equal(await page.locator("#request-rows tr:visible").count(),
    await requests(page, "PutObject").count());
  await page.waitForFunction(() => / of /.test(document.getElementById("said").textContent));
  await page.getByLabel("Filter the requests").fill("");
  await page.getByLabel("Errors only").check();
  assert.ok(await requests(page, "photos/none").count());
  assert.equal(await requests(page, "PutObject").count(), 0);
  await page.getByLabel("Filter the requests").fill("no such thing");
  await page.getByText("No request fits the filter.").waitFor();
  await page.close();
});

test("Page: pause holds it, and it goes on where the server is", async () => {
  const { page } = await openPage(context);
  const pause = page.getByRole("button", { name: "Pause" });
  await pause.click();
  assert.equal(await pause.getAttribute("aria-pressed"), "true");
  await put("/while-paused");
  await page.waitForTimeout(2500);
  assert.equal(await requests(page, "while-paused").count(), 0);
  await pause.click();
  await seen(page, "while-paused");
  await page.close();
});

test("Page: a server that is gone is told of, and its return", async () => {
  const { page } = await openPage(context);
  await page.route("**/_bodega/status", (route) => route.abort());
  await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor();
  await page.unroute("**/_bodega/status");
  await page.locator("#trouble").waitFor({ state: "hidden" });
  await page.close();
});

test("Reset: it asks first; Cancel and Escape leave everything", async () => {
  await put("/photos");
  const { page } = await openPage(context);
  await stored(page, "photos").waitFor();
  for (const leave of [() => page.getByRole("button", { name: "Cancel" }).click(), () => page.keyboard.press("Escape")]) {
    await page.locator("#reset").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Reset" }).waitFor();
    assert.equal(await focused(page), "cancel");
    assert.match(await page.locator("#doomed").textContent(), /S3: 1 bucket, 0 objects/);
    await leave();
    await page.locator("dialog").waitFor({ state: "hidden" });
    assert.equal(await focused(page), "reset");
  }
  assert.equal((await fetch(`${base}/photos`)).status, 200);
  await page.close();
});

test("Reset: one service, then all", async () => {
  await put("/photos");
  await makeTable("visits");
  const { page } = await openPage(context);
  await stored(page, "visits").waitFor();
  await page.locator("#reset").click();
  await page.getByLabel("Remove what is stored by").selectOption("DynamoDB");
  assert.equal(await page.locator("#doomed").textContent(), "DynamoDB: 1 table, 0 items.");
  await page.getByRole("button", { name: "Reset DynamoDB" }).click();
  await stored(page, "visits").waitFor({ state: "detached" });
  await page.getByRole("status").filter({ hasText: "Reset DynamoDB" }).waitFor();
  assert.equal((await fetch(`${base}/photos`)).status, 200);
  await page.locator("#reset").click();
  await page.getByLabel("Remove what is stored by").selectOption("all services");
  await page.getByRole("button", { name: "Reset all services" }).click();
  await stored(page, "photos").waitFor({ state: "detached" });
  assert.equal((await fetch(`${base}/photos`)).status, 404);
  await page.close();
});

test("Reset: a refusal is said in the server's words", async () => {
  const { page } = await openPage(context);
  await page.route("**/_bodega/reset*", (route) =>
    route.fulfill({ status: 500, json: { status: "failed", fault: "s3: the disk is full" } }));
  await page.locator("#reset").click();
  await page.getByRole("button", { name: "Reset all services" }).click();
  await page.getByRole("alert").filter({ hasText: "It was not reset. s3: the disk is full" }).waitFor();
  await page.close();
});

// ---- Connect ----

const here = fileURLToPath(new URL("../e2e/js/", import.meta.url));

async function lines(page, name) {
  await page.getByRole("tab", { name, exact: true }).click();
  return page.getByRole("tabpanel", { name, exact: true }).locator("pre").innerText();
}

test("Connect: every snippet names this server, and nothing is left to fill in", async () => {
  const { page } = await openPage(context);
  const names = await page.getByRole("tab").allTextContents();
  assert.ok(names.length >= 10);
  for (const name of names) {
    const text = await lines(page, name);
    assert.ok(text.includes(name === "redis-cli" ? "-h 127.0.0.1" : base), text);
    assert.doesNotMatch(text, /\{\{|\}\}/);
    assert.equal(await page.getByRole("tabpanel").count(), 1);
  }
  await page.close();
});

for (const [name, program, flag] of [
  ["Python", "python", "-c"], ["AWS CLI", "bash", "-c"], ["curl", "bash", "-c"], ["redis-cli", "bash", "-c"]]) {
  test(`Connect: the lines for ${name} run as they stand`, async () => {
    const { page } = await openPage(context);
    const { stdout } = await run(program, [flag, (await lines(page, name)).replace(/^/, program === "bash" ? "set -e\n" : "")]);
    assert.match(stdout, { Python: /b'meow'\n\[\]/, "AWS CLI": /cat\.txt\n[^]*TableNames/, curl: /meow.*"status": "ok"/s,
      "redis-cli": /OK\nhello/ }[name]);
    await page.close();
  });
}

test("Connect: the lines for JavaScript run as they stand", async () => {
  const { page } = await openPage(context);
  const { stdout } = await run("node", ["--input-type=module", "-e", await lines(page, "JavaScript")], { cwd: here });
  assert.match(stdout, /\[ 'cat\.txt' \]/);
  await page.close();
});

test("Connect: Copy copies, and says so", async () => {
  const { page } = await openPage(context);
  const text = await lines(page, "Ruby");
  await page.getByRole("button", { name: "Copy the lines for Ruby" }).click();
  await page.getByRole("status").filter({ hasText: "Copied the lines for Ruby" }).waitFor();
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), text.trim());
  await page.close();
});

// ---- Who cannot see well, or has no mouse ----

test("Accessibility: axe-core finds nothing, in light and dark, wide and narrow, with the dialog", async () => {
  await put("/photos");
  await fetch(`${base}/photos/none`);
  await fetch(`${base}/photos?cors`, { method: "PUT", body: "x" });
  const { page } = await openPage(context);
  await seen(page, "photos/none");
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1200, 360]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await violations(page), [], `${colorScheme}, ${width}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `the page is ${overflow} px too wide at ${width}`);
    }
    await page.locator("#reset").click();
    assert.deepEqual(await violations(page), [], `${colorScheme}, the dialog`);
    await page.keyboard.press("Escape");
  }
  await page.close();
});

test("Accessibility: the keyboard reaches everything in order, and sees where it is", async () => {
  const { page } = await openPage(context);
  const order = [];
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press("Tab");
    const name = await focused(page);
    if (name === "" || order.includes(name)) break;
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, "none", name);
    order.push(name);
  }
  const expected = ["Skip to the content", "Stored", "Requests", "Not implemented", "Connect", "reset",
    "Table of what is stored", "Table of what is not implemented", "failed", "filter", "pause",
    "Table of the last requests", "tab-0"];
  assert.deepEqual(order.filter((name) => expected.includes(name)), expected);
  await page.close();
});

test("Accessibility: the skip link, the arrows of the tabs, Home and End", async () => {
  const { page } = await openPage(context);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "main");
  await page.locator("#tab-0").focus();
  for (const [key, id] of [["ArrowRight", "tab-1"], ["ArrowLeft", "tab-0"], ["End", "tab-11"], ["ArrowRight", "tab-0"], ["ArrowLeft", "tab-11"], ["Home", "tab-0"]]) {
    await page.keyboard.press(key);
    assert.equal(await focused(page), id, key);
    assert.equal(await page.locator(`#${id}`).getAttribute("aria-selected"), "true");
  }
  await page.close();
});

test("Accessibility: new requests take neither focus nor selection away", async () => {
  await put("/photos");
  const { page } = await openPage(context);
  await seen(page, "photos");
  await page.evaluate(() => {
    document.getElementById("filter").focus();
    const range = document.createRange();
    range.selectNodeContents(document.querySelector("#request-rows tr td.mono"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  });
  await put("/another");
  await seen(page, "another");
  assert.equal(await page.evaluate(() => getSelection().toString()), "photos");
  await page.close();
});

// ---- Other sites ----

// A site whose only page runs `script` and shows what came of it.
async function site(script) {
  const server = createServer((_, reply) => {
    reply.setHeader("Content-Type", "text/html");
    reply.end(`<!doctype html><title>elsewhere</title><body><script>${script}</script>`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { port: server.address().port, close: () => server.close() };
}

test("Other sites: they can neither reset nor read the status", async () => {
  await put("/photos");
  const elsewhere = await site(`
    const ask = (path, method) => fetch("${base}" + path, { method, mode: "cors" })
      .then((reply) => reply.text(), () => "blocked");
    const send = (path) => fetch("${base}" + path, { method: "POST", mode: "no-cors" }).catch(() => {});
    (async () => {
      const got = [await ask("/_bodega/status", "GET"), await ask("/_bodega/reset", "POST")];
      await send("/_bodega/reset");
      document.title = got.join();
    })();`);
  const page = await context.newPage();
  await page.goto(`http://evil.example:${elsewhere.port}/`);
  await page.waitForFunction(() => document.title !== "elsewhere");
  assert.equal(await page.title(), "blocked,blocked");
  assert.equal((await fetch(`${base}/photos`)).status, 200);
  elsewhere.close();
  await page.close();
});

test("Other sites: a form of theirs does not reset", async () => {
  await put("/photos");
  const elsewhere = await site("");
  const page = await context.newPage();
  await page.goto(`http://evil.example:${elsewhere.port}/`);
  await page.evaluate((action) => {
    document.body.innerHTML = `<form method="post" action="${action}/_bodega/reset"></form>`;
    document.forms[0].submit();
  }, base);
  await page.getByText("may not use this server").waitFor();
  assert.equal((await fetch(`${base}/photos`)).status, 200);
  elsewhere.close();
  await page.close();
});

test("Other sites: a name that is made to point here gets nothing", async () => {
  const page = await context.newPage();
  for (const path of ["/", "/_bodega/", "/_bodega/status"]) {
    const reply = await page.goto(`http://evil.example:${port}${path}`);
    assert.equal(reply.status(), 403);
    assert.match(await reply.text(), /DNS rebinding/);
  }
  await page.close();
});

test("Other sites: not even a page of this machine shows it in a frame", async () => {
  const elsewhere = await site(`const frame = document.createElement("iframe");
    frame.src = "${base}/_bodega/"; frame.onload = () => { document.title = "loaded"; };
    document.body.append(frame);`);
  const page = await context.newPage();
  await page.goto(`http://localhost:${elsewhere.port}/`);
  await page.waitForFunction(() => document.title === "loaded");
  assert.equal(await page.frames()[1].locator("h1", { hasText: "Bodega" }).count(), 0);
  elsewhere.close();
  await page.close();
});
