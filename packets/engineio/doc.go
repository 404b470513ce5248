// Package engineio is the codec of Engine.IO packets, version 4 of the protocol:
// the units into which Socket.IO cuts what goes over a WebSocket or, before
// there is one, over long-polling requests. Who speaks Engine.IO and what shows
// it use this one codec.
//
// A packet is a digit that says its type, and its data:
//
//	0{"sid":"...","upgrades":["websocket"],...}  open: the session begins
//	1                                            close
//	2                                            ping; 2probe tries a new transport
//	3                                            pong; 3probe answers that
//	4hello                                       message
//	5                                            upgrade: from here on over this transport
//	6                                            noop: an answer to a held request, and nothing more
//
// Over a WebSocket each packet is a frame of its own. A message of bytes is a
// binary frame without any digit: only messages are ever binary.
//
// Over HTTP a request's or an answer's body is a payload, packets one after the
// other with the byte 0x1e (the record separator of ASCII) between them. Bytes
// are there written as base64 behind a b:
//
//	4hello \x1e 2 \x1e bAQIDBA==
//
// The protocol: https://socket.io/docs/v4/engine-io-protocol/
package engineio
