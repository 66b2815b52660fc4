// What web frameworks of Node.js keep in Redis: express sessions (connect-redis), socket.io between servers.
import assert from "node:assert/strict";
import { createServer } from "node:http";

import { createAdapter } from "@socket.io/redis-adapter";
import { RedisStore } from "connect-redis";
import session from "express-session";
import Redis from "ioredis";
import { createClient } from "redis";
import { Server } from "socket.io";
import { io } from "socket.io-client";

import { atEnd, scenario, unique, until, url, within } from "./support.mjs";

function listen(server) {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`));
  });
}

scenario("connect-redis: a session is kept, listed and ended", async () => {
  const client = createClient({ url });
  await client.connect();
  atEnd(() => client.close());
  const store = new RedisStore({ client, prefix: `${unique("session")}:`, ttl: 60 });
  const sessions = session({ store, secret: "a secret of the test", resave: false, saveUninitialized: false });
  const server = createServer((request, response) => {
    sessions(request, response, () => {
      if (request.url === "/leave") return request.session.destroy(() => response.end("left"));
      request.session.count = (request.session.count ?? 0) + 1;
      response.end(String(request.session.count));
    });
  });
  const address = await listen(server);
  atEnd(() => new Promise((resolve) => server.close(resolve)));

  const first = await fetch(address);
  assert.equal(await first.text(), "1");
  const headers = { cookie: first.headers.get("set-cookie").split(";")[0] };
  assert.equal(await (await fetch(address, { headers })).text(), "2");
  assert.equal(await new Promise((resolve) => store.length((_, count) => resolve(count))), 1);
  assert.equal(await (await fetch(`${address}/leave`, { headers })).text(), "left");
  assert.equal(await (await fetch(address, { headers })).text(), "1");
});

scenario("socket.io: two servers share their rooms", async () => {
  const key = unique("socket.io");
  const servers = await Promise.all([1, 2].map(async () => {
    const [publisher, subscriber] = [new Redis(url), new Redis(url)];
    const web = createServer();
    const sockets = new Server(web, { adapter: createAdapter(publisher, subscriber, { key }) });
    sockets.on("connection", (socket) => socket.join("room"));
    const address = await listen(web);
    atEnd(async () => {
      await sockets.close();
      publisher.disconnect();
      subscriber.disconnect();
    });
    return { sockets, address };
  }));
  const clients = servers.map(({ address }) => io(address, { transports: ["websocket"] }));
  atEnd(() => clients.forEach((client) => client.disconnect()));
  await within(Promise.all(clients.map((client) => new Promise((resolve) => client.on("connect", resolve)))),
    "the sockets do not connect");
  for (const { sockets } of servers) {
    await until(async () => (await sockets.in("room").fetchSockets()).length === 2,
      "a server does not see the other's socket");
  }
  const heard = clients.map((client) => new Promise((resolve) => client.once("news", resolve)));
  servers[0].sockets.to("room").emit("news", "hello");
  assert.deepEqual(await within(Promise.all(heard), "the message did not reach both"), ["hello", "hello"]);
});
