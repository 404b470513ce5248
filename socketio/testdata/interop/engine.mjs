// node engine.mjs URL: the official engine.io client against a server that echoes.
import { Socket } from "engine.io-client";

const url = process.argv[2];
let checks = 0;
let failures = 0;
function check(what, ok, ...seen) {
  checks++;
  if (ok) return;
  failures++;
  console.log("FAIL", what, ...seen);
}
const once = (s, event) => new Promise((resolve) => s.once(event, (...args) => resolve(args)));

for (const transports of [["polling", "websocket"], ["polling"], ["websocket"]]) {
  const by = transports.join(" then ") + ":";
  const s = new Socket(url, { path: "/engine.io/", transports });
  s.binaryType = "nodebuffer";
  await once(s, "open");
  if (transports.length > 1) {
    await once(s, "upgrade");
    check(by + "upgrade", s.transport.name === "websocket");
  }
  for (const m of ["hello", "", "\u{1f600} \u0000", "x".repeat(100000)]) {
    s.send(m);
    const back = (await once(s, "message"))[0] ?? ""; // what the client makes of an empty message
    check(by + "text", back === m, JSON.stringify(back));
  }
  const bytes = Buffer.from([0, 0x1e, 255, 98]);
  s.send(bytes);
  const back = (await once(s, "message"))[0];
  check(by + "bytes", bytes.equals(Buffer.from(back)), back);
  const beats = [];
  s.on("heartbeat", () => beats.push(1));
  await new Promise((resolve) => setTimeout(resolve, 700));
  check(by + "alive after two heartbeats", s.readyState === "open" && beats.length >= 2);
  const closed = once(s, "close");
  s.close();
  check(by + "close", (await closed)[0] === "forced close");
}
console.log(`${checks} checks, ${failures} failures`);
process.exit(failures ? 1 : 0);
