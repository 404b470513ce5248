// Package http1 teaches the messages of HTTP/1.1 (RFC 9110, RFC 9112): it reads
// them from the bytes of a connection as they come, lays one open field by
// field, and says how the reader knew where it ends.
//
//	GET /poll?since=3 HTTP/1.1 CRLF     a request's start line: method, target, version
//	Host: server CRLF                   fields, a line each
//	CRLF                                an empty line ends the head
//
//	HTTP/1.1 200 OK CRLF                a response's start line: version, status, reason
//	Transfer-Encoding: chunked CRLF
//	CRLF
//	5 CRLF hello CRLF                   a chunk: its length in hex, its bytes
//	0 CRLF                              the last one; trailer fields may follow
//	CRLF
//
// A [Reader] reads one direction, however its bytes are cut. It is as strict as
// a server has to be: what is no token, no field line or no length ends it, since
// two readers that guess differently are how requests are smuggled. Two things
// it forgives, as RFC 9112 section 2.2 allows: a line that ends with LF alone,
// and empty lines before a request. Folded field lines (section 5.2) it refuses
// in both directions.
//
// Messages come from anywhere. Nothing here panics on them, and what is kept of
// them is bounded by [MaxHead].
package http1
