// Package socketio is the exchange that shows Socket.IO: clients and a server
// that emit events to each other, as the official libraries do.
//
// # What stands on what
//
// HTTP asks and answers: a server cannot speak first. A WebSocket begins as an
// HTTP request and then carries messages both ways; but it may not come through
// every proxy, and does not notice that the other side is gone. Engine.IO
// (package engine) makes of both a session: it begins with requests, which always
// come through, moves to a WebSocket when that works, and has a heartbeat.
// Socket.IO (package sockets) makes of a session's messages events with names,
// handlers and acknowledgements, and adds namespaces, rooms, and clients that come
// back. One event, from the top:
//
//	emit("chat", "hi")                                a program
//	2["chat","hi"]                                    a packet of Socket.IO: 2 is an event
//	42["chat","hi"]                                   a packet of Engine.IO: 4 is a message
//	81 8f <key> ... or POST ... 42["chat","hi"]       a frame of a WebSocket, or a request
//	a segment of TCP, a packet of IP, a frame of Ethernet
//
// So a plain WebSocket client cannot take part: it could connect, but would hear
// 0{"sid":...} and not know that 40 is expected of it.
//
// # What each file does
//
// socketio.go has the words of the command, start.go starts the programs,
// server.go is the server's, which real clients can use too, client.go the
// client's, tour.go what a client does with rooms, and engineonly.go both
// programs without Socket.IO.
package socketio
