// Package dissect teaches what the bytes of a connection mean: it makes the
// messages of a trace from its TCP streams. What is one message, whatever the
// segments were: an HTTP request or response, a WebSocket frame, the Engine.IO
// packets in a body or a frame, the Socket.IO event in a packet.
//
// # How a stream is recognised
//
// By its bytes, never by its port. A direction that begins with a request line
// or a status line is HTTP/1.1, and then so is the other one. A 101 with
// "Upgrade: websocket" makes both directions WebSocket, from the byte behind it
// and from the byte behind the request. "EIO=4" in the query of a request makes
// its content, the answer's, or the frames behind it Engine.IO, and unless the
// path ends in /engine.io/ what that carries is Socket.IO. Any other stream
// stays a stream and has no rows.
//
// # What has a row
//
//	http.request, http.response   as a whole: head, content, lines between chunks
//	ws.frame                      header and payload
//	ws.message                    the payloads of a message sent in several frames
//	eio.packet                    one of those in a body, or what a frame or ws.message carries
//	sio.event, sio.ack, ...       what a packet carries; its attachments belong to it
//
// The spans of a row are the bytes on the wire that are it: masked, between the
// lines of chunks. Only where a content was compressed they are all of the
// content, and the size is that of what it says. A row's parent carries it, and contains its spans, but for the
// attachments of an event: these are the contents of packets of their own. A
// frame and the ws.message of which it is a part are linked by their bytes.
//
// # What does not parse
//
// A row says what is wrong with it in its Trouble. Where the next message begins
// is still known after most mistakes, and reading goes on. Where it is not, the
// row covers what could not be read, up to the byte that showed it, and has the
// kind that was expected there; the rest of that direction has no rows. A message
// that the stream's end cuts off has a row too.
//
// # As the bytes come
//
// A [Dissector] is fed pieces of streams, or reads on in a trace that grows, and
// adds a row when a message is whole. Its rows do not depend on how the bytes are
// cut, nor on which direction comes first: an answer is not read before its
// request, whatever came sooner.
//
// What is kept of a connection is bounded: the head that is being read, 16 MiB of
// a content that has to be looked into, 4 MiB of one direction that waits for the
// other; beyond that it is read without. Only the rows grow without a limit.
package dissect
