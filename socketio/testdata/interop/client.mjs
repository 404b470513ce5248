// node client.mjs URL: the official client against a server that behaves as the exchange's.
// With RECOVERY set, the server keeps the state of those who are gone.
import { io } from "socket.io-client";
import WebSocket from "ws";

const url = process.argv[2];
const recovery = !!process.env.RECOVERY;
let checks = 0;
let failures = 0;

function check(what, ok, ...seen) {
  checks++;
  if (ok) return;
  failures++;
  console.log("FAIL", what, ...seen);
}

function once(emitter, event, ms = 3000) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(["timeout"]), ms);
    emitter.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
}

const ask = (s, ...args) => new Promise((resolve) => s.timeout(3000).emit(...args, (err, ...answer) => resolve([err, ...answer])));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

for (const transports of [["polling", "websocket"], ["polling"], ["websocket"]]) {
  const by = transports.join(" then ") + ":";
  const s = io(url, { transports, forceNew: true, auth: { token: "123" }, reconnectionDelay: 100 });
  const auth = once(s, "auth");
  s.on("question", (q, ...rest) => rest.pop()("answer", q));
  await once(s, "connect");
  check(by + "connect", s.connected && typeof s.id === "string");
  check(by + "what the client says of itself", same((await auth)[0], { token: "123" }));
  if (transports.length > 1) {
    if (s.io.engine.transport.name !== "websocket") await once(s.io.engine, "upgrade");
    check(by + "upgrade", s.io.engine.transport.name === "websocket");
  }

  let r = await ask(s, "message-with-ack", 1, "2", { 3: [true] }, "<&>\u2028");
  check(by + "acknowledgement", same(r, [null, 1, "2", { 3: [true] }, "<&>\u2028"]), r);
  r = await ask(s, "message-with-ack", 9007199254740993n.toString(), 1e21, 0.1, -0, null);
  check(by + "numbers", same(r, [null, "9007199254740993", 1e21, 0.1, 0, null]), r);
  r = await ask(s, "message-with-ack", Buffer.from([1, 2, 3]), { x: Uint8Array.from([4]) });
  check(by + "bytes", r[0] === null && Buffer.from([1, 2, 3]).equals(r[1]) && Buffer.from([4]).equals(r[2].x), r);
  const big = "x".repeat(300000);
  s.emit("message", big);
  r = await once(s, "message-back");
  check(by + "300 kB of text", r[0] === big);

  const n = 500;
  const got = [];
  const all = new Promise((resolve) => {
    s.on("message-back", (i) => got.push(i) === n && resolve());
    setTimeout(resolve, 5000);
  });
  for (let i = 0; i < n; i++) s.emit("message", i);
  await all;
  s.off("message-back");
  check(by + "500 events in order", got.length === n && got.every((v, i) => v === i), got.length);

  r = await ask(s, "ask", "q");
  check(by + "the server asks, the client acknowledges", same(r[1], ["answer", "q"]) && r[2] === false, r);

  const other = io(url, { transports, forceNew: true });
  await once(other, "connect");
  r = await ask(other, "join", "red");
  check(by + "rooms", same(r[1], [other.id, "red"]), r);
  for (const [kind, mine, others] of [["reply", true, false], ["all", true, true], ["others", false, true], ["room", false, true], ["room-others", false, true]]) {
    const here = once(s, "news", 300);
    const there = once(other, "news", 300);
    await ask(s, "say", kind, "red", kind);
    const heard = [(await here)[0] === kind, (await there)[0] === kind];
    check(by + "who hears what is said to " + kind, same(heard, [mine, others]), heard);
  }
  other.disconnect();

  const c = s.io.socket("/custom", {});
  const custom = once(c, "auth");
  c.connect();
  await custom;
  check(by + "a namespace on the same connection", c.connected && c.io === s.io);
  c.disconnect();
  const a = s.io.socket("/admin", {});
  const refused = once(a, "connect_error");
  a.connect();
  check(by + "not let in", (await refused)[0]?.message === "Not authorized");
  a.disconnect();
  const nobody = s.io.socket("/nobody", {});
  const unknown = once(nobody, "connect_error");
  nobody.connect();
  check(by + "an unknown namespace", (await unknown)[0]?.message === "Invalid namespace");
  nobody.disconnect();

  await sleep(700);
  check(by + "alive after two heartbeats", s.connected);

  const id = s.id;
  s.emit("later", "missed");
  await sleep(40);
  const again = once(s, "connect");
  const late = once(s, "late", 1500);
  s.io.engine.close();
  await again;
  check(by + "comes back", s.connected && !!s.recovered === recovery && (s.id === id) === recovery, s.recovered);
  if (recovery) check(by + "what it missed", (await late)[0] === "missed");

  const thrown = once(s, "disconnect");
  s.emit("leave-me");
  check(by + "thrown out", (await thrown)[0] === "io server disconnect");
  s.disconnect();

  const broken = io(url, { transports, forceNew: true, reconnectionDelay: 100 });
  await once(broken, "connect");
  const why = once(broken, "disconnect");
  broken.emit("break");
  check(by + "the session is ended", (await why)[0] === "transport close");
  await once(broken, "connect");
  check(by + "and another begun", broken.connected);
  const size = once(broken, "disconnect");
  broken.emit("message", "x".repeat(1_100_000));
  r = await size;
  check(by + "too large a message", r[0] === (broken.io.engine.transport.name === "polling" ? "transport error" : "transport close"), r);
  broken.disconnect();
}

// A plain WebSocket client gets Engine.IO's handshake, does not know what to say, and is closed.
const plain = new WebSocket(url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket");
const first = await new Promise((resolve) => plain.once("message", (m) => resolve(m.toString())));
check("a plain client hears the handshake", first.startsWith('0{"sid":'), first);
const began = Date.now();
plain.on("message", (m) => m.toString() === "2" && plain.send("3"));
await new Promise((resolve) => plain.once("close", resolve));
check("and is closed when it joins nothing", Date.now() - began > 500 && Date.now() - began < 3000, Date.now() - began);

console.log(`${checks} checks, ${failures} failures`);
process.exit(failures ? 1 : 0);
