// Package packets teaches what every field of a header says: it lays a frame
// open, layer by layer, from one table of fields for each protocol.
//
// # How a protocol is described
//
// A [protocol] is a table: its fields in the order of the wire, each with its
// key (Wireshark's display-filter name where there is one), its name in the
// RFC's words, its bits, how to read its value, the sentence that says what
// this very value tells the other side, and the RFC's section. Whatever shows
// a packet reads that table: [Decode] for trees, bytes and plain words,
// [Packet.Read] for filters and queries, [Reference] for the documentation.
//
// # How to add one
//
// Write one file with one protocol value: lay finds out how long the header
// is and what it carries, sum is its line in a tree, fields is the table. Then
// name it in the list of tables and in the dispatch of what carries it
// (carriedByEtherType, carriedByIPProtocol, carriedByPort). Every test that runs over all
// tables then runs over it too.
//
// # What else is here
//
// [Scan] reads the few facts of a frame that are needed of every packet, fast.
// [Reassembler] puts the pieces of IP datagrams together. [DNSMessage] is the
// codec of DNS: who speaks it and what shows it use the same one. Protocols whose
// messages lie in TCP streams, wherever segments begin and end, have packages of
// their own below this one (http1, websocket, engineio, socketio); their tables
// are [ProtocolDoc] values, and a message is laid open as layers, as a frame is.
//
// # Strangers' bytes
//
// Frames come from anywhere. Nothing here panics on them, and no text made
// here holds one of their bytes raw: see [Text].
package packets
