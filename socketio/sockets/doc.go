// Package sockets is Socket.IO, version 5 of the protocol, for both sides:
// sockets that emit events to each other over a session of Engine.IO (package
// engine).
//
// # What it adds to a session
//
// A session carries messages. Socket.IO makes events of them, with a name and
// arguments, and calls the handlers of that name. Several namespaces share one
// session, each with a socket of its own. An event may ask for an
// acknowledgement, which the other program gives, or not: that TCP has
// acknowledged its bytes says nothing of it. Rooms are lists that the server
// keeps, of which no packet tells. A client that has lost its session opens a
// new one, later and later each time. And where the server keeps the state of
// those that are gone for a while, they get what they missed.
//
// # What it does not add
//
// Delivery. What is emitted while the client is away is gone, unless state
// recovery is on; an event whose acknowledgement does not come may have been
// handled or not; and one that is sent again may be handled twice.
package sockets
