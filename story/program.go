package story

// programRule says what a call of a program means that is none of a socket; not
// all have something to say beyond their own words.
func programRule(what string) rule {
	switch what {
	case "get":
		return rule{"One request, one answer. On a new connection that is two round trips, on one that is open one.", "RFC 9112 section 9.3"}
	case "poll":
		return rule{"Over HTTP a server only answers, so the client asks. If the server has no news it may keep the request until it has.", "RFC 6202 section 2"}
	case "event":
		return rule{"Something happened at the server. The client hears of it in the answer to a request: one that waits already, or the next.", "RFC 6202 section 2"}
	case "dial":
		return rule{"The handshake of TCP takes one round trip; the request for WebSocket and its answer, 101, take another.", "RFC 6455 section 4.1"}
	case "on message":
		return rule{"The message is whole: its last frame has come. How frames and segments cut it does not show.", "RFC 6455 section 6.2"}
	case "pong":
		return rule{"A ping must be answered, with the bytes that it brought. The library does it; the program need not know.", "RFC 6455 section 5.5.3"}
	case "on pong":
		return rule{"The other side's program is still there, and there is a way to it and back. TCP alone would not say.", "RFC 6455 section 5.5.3"}
	case "give up":
		return rule{"Nothing came back. Perhaps the wire is cut; TCP would go on trying for minutes, or not notice at all.", ""}
	case "on close":
		return rule{"Who gets a close frame answers with one, and sends nothing more. The server then ends TCP.", "RFC 6455 section 5.5.1"}
	}
	return rule{}
}
