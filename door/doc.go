// Package door lets real clients onto the virtual wire. A door is a real port of
// this machine; whatever comes to it (a browser, curl, any program) becomes a
// connection of the virtual host "client", crosses the wire to the virtual host
// "server", and is there talked to by an exchange's server program, or passed on
// to a real server (a tap).
//
//	real client == [door] client ~~~ wire ~~~ server: its program
//	real client == [door] client ~~~ wire ~~~ server [way out] == real server
//
// The lab runs on the real clock, and its trace is a live one. The end of a
// direction, a reset and a full buffer pass through in both directions; bytes are
// passed on as they are, so TLS stays closed.
package door
