// Package engine is Engine.IO, version 4: sessions that carry messages both ways
// over HTTP long-polling, over a WebSocket, or over the one first and the other
// then. Socket.IO (package sockets) is what it carries.
//
// # What it adds to its transports
//
// A WebSocket already carries messages both ways; but a proxy may not let one
// through, nor does it notice for a long time that the other side is gone. So a
// session begins where it certainly can, with ordinary requests: a GET opens it,
// one GET is always held by the server until it has something to say, and what
// the client has to say goes out in POSTs. Then the client tries a WebSocket
// beside it, and only when a probe has come back over it do both move over. And
// the server pings, so that either side learns within a known time that the
// other is gone.
//
// # How it is written
//
// Nothing here reaches for the time, for chance or for a goroutine of its own:
// all of them come from an [Env]. In a lab they are the lab's, and a session is
// then the same to the byte each time. That asks for some care, because two
// goroutines that are woken together may run in any order:
//
//   - what is queued goes out in a goroutine that [Env.Go] starts, once all
//     that is happening at this instant has happened, so that it depends on
//     nobody's speed how many packets a payload holds;
//   - no lock is held while a goroutine waits for the network;
//   - nothing that leads to the wire ranges over a map.
package engine
