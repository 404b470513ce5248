// PORT=0 node server.mjs: the official server, which behaves as the exchange's. It prints its port.
// With RECOVERY set, it keeps the state of those who are gone. With ENGINE set, it is engine.io alone and echoes.
import http from "node:http";
import { Server as Engine } from "engine.io";
import { Server } from "socket.io";

const h = http.createServer();
const opts = { pingInterval: 300, pingTimeout: 2000, connectTimeout: 1000, maxHttpBufferSize: 1e6 };
if (process.env.ENGINE) {
  const engine = new Engine(opts);
  engine.attach(h);
  engine.on("connection", (s) => s.on("message", (m) => s.send(m)));
} else {
  if (process.env.RECOVERY) opts.connectionStateRecovery = { maxDisconnectionDuration: 120000 };
  const io = new Server(h, opts);
  io.on("connection", (s) => {
    s.emit("auth", s.handshake.auth);
    s.on("message", (...a) => s.emit("message-back", ...a));
    s.on("message-with-ack", (...a) => a.pop()(...a));
    s.on("join", (room, ack) => {
      s.join(room);
      ack([...s.rooms]);
    });
    s.on("say", (kind, room, ...a) => {
      const ack = a.pop();
      s.to(room).emit("news", ...a);
      ack();
    });
    s.on("ask", (...a) => {
      const ack = a.pop();
      s.timeout(1000).emit("question", ...a, (err, ...answer) => ack(answer, !!err));
    });
    s.on("later", (...a) => setTimeout(() => io.emit("late", ...a), 150));
    s.on("leave-me", () => s.disconnect());
    s.on("break", () => s.conn.close());
  });
  io.of("/custom").on("connection", (s) => s.emit("auth", s.handshake.auth));
  io.of("/admin").use((s, next) => next(s.handshake.auth.token === "s3cret" ? undefined : new Error("Not authorized")));
}
h.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(h.address().port));
