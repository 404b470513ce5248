// Package websocket teaches the frames of WebSocket (RFC 6455): it reads them
// from the bytes of a connection as they come, lays one open field by field, and
// says which rules a frame breaks.
//
// A [Reader] reads one direction, however its bytes are cut. It goes on behind a
// frame that breaks a rule as long as it knows where the next one begins: an
// endpoint must fail the connection there, but a listener shows what follows.
// [Open] lays a frame open from one table of fields. [Accept] is the handshake's
// sum. Payloads may be compressed (RFC 7692): an [Inflater] has what is needed
// to read them.
//
// Frames come from anywhere. Nothing here panics on them, and what is kept of
// them is bounded.
package websocket
