// Package socketio is the codec of Socket.IO packets, version 5 of the protocol:
// what Engine.IO messages carry. Who speaks Socket.IO and what shows it use this
// one codec.
//
// A packet is a digit that says its type, and then what the type needs:
//
//	<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]
//
//	0{"token":"123"}                                connect to the namespace /
//	0/chat,                                         connect to /chat
//	1/chat,                                         disconnect from it
//	2["message","hello"]                            event "message" with one argument
//	212["message","hello"]                          the same, asking for an acknowledgement
//	312["received"]                                 acknowledgement of event 12
//	4/chat,{"message":"Not authorized"}             connect error
//	51-["file",{"_placeholder":true,"num":0}]       event with an attachment
//	61-12[{"_placeholder":true,"num":0}]            acknowledgement with one
//
// JSON has no bytes. Where an argument has some, the text has a placeholder, and
// the bytes themselves follow as so many binary messages, uninterrupted.
//
// In the Engine.IO message of a WebSocket frame an event therefore begins with
// 42: a 4 of Engine.IO, for a message, and a 2 of Socket.IO, for an event.
//
// The protocol: https://socket.io/docs/v4/socket-io-protocol/
package socketio
