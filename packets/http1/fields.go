package http1

import (
	"fmt"
	"strings"

	"wirelab/packets"
	"wirelab/packets/websocket"
)

// known is a field that has sentences of its own.
type known struct {
	doc packets.FieldDoc // its name as it is written
	say func(o *opened, value string) string
}

func field(name, key, rfc, about string, say func(o *opened, value string) string) known {
	d := row("http."+key, name, rfc, about)
	return known{d, say}
}

// always is the sentence of a field that has only one.
func always(say string) func(*opened, string) string {
	return func(*opened, string) string { return say }
}

// knownFields are the fields that a learner meets, with what each is for and
// what it says.
var knownFields = []known{
	field("Host", "host", "RFC 9110 section 7.2", "Which of the server's names is meant.",
		func(_ *opened, v string) string {
			return "The name by which the client knows the server. One address may serve many names, so this tells which is meant."
		}),
	field("Connection", "connection", "RFC 9110 section 7.6.1", "What is about this connection only.", sayConnection),
	field("Upgrade", "upgrade", "RFC 9110 section 7.8", "The protocol to change to.",
		func(o *opened, v string) string {
			if o.h.Request {
				return "The client would rather go on with this protocol, on the same connection. Without Connection: Upgrade beside it this counts for nothing."
			}
			if o.h.Status == 101 {
				return "The protocol that this connection speaks from here on."
			}
			return "A protocol that the server would serve."
		}),
	field("Keep-Alive", "keep_alive", "RFC 2068 section 19.7.1", "How long a connection may rest.", always("How long the connection is kept while nothing happens, and for how many requests.")),
	field("Sec-WebSocket-Key", "sec_websocket_key", "RFC 6455 section 11.3.1", "What the server has to answer to show that it understands WebSocket.",
		func(_ *opened, v string) string { return websocket.SayKey(v) }),
	field("Sec-WebSocket-Accept", "sec_websocket_accept", "RFC 6455 section 11.3.3", "The server's answer to the key.",
		func(o *opened, v string) string { return websocket.SayAccept(v, o.v.Key) }),
	field("Sec-WebSocket-Version", "sec_websocket_version", "RFC 6455 section 11.3.5", "Which version of WebSocket is meant.",
		func(o *opened, v string) string {
			if v == fmt.Sprint(websocket.Version) {
				return "13 is the version that RFC 6455 describes, and the only one in use."
			}
			return "Not 13, the only version that is in use."
		}),
	field("Sec-WebSocket-Protocol", "sec_websocket_protocol", "RFC 6455 section 11.3.4", "Which protocol inside WebSocket is meant.",
		func(o *opened, v string) string {
			if o.h.Request {
				return "The protocols inside WebSocket that the client offers, the one it likes best first. The server picks one or none."
			}
			return "The protocol inside WebSocket that the server picked."
		}),
	field("Sec-WebSocket-Extensions", "sec_websocket_extensions", "RFC 6455 section 11.3.2", "What is to be done to frames beyond RFC 6455.",
		func(o *opened, v string) string {
			say := "The extensions that the server agrees to"
			if o.h.Request {
				say = "The extensions that the client offers"
			}
			if strings.Contains(v, "permessage-deflate") {
				say += "; permessage-deflate compresses messages (RFC 7692)"
			}
			return say + "."
		}),
	field("Content-Length", "content_length_header", "RFC 9110 section 8.6", "How many bytes the content has.", sayContentLength),
	field("Transfer-Encoding", "transfer_encoding", "RFC 9112 section 6.1", "In which form the content crosses this connection.",
		func(_ *opened, v string) string {
			if strings.EqualFold(v, "chunked") {
				return "The content comes in chunks, each behind its length: its sender began before it knew how much there would be."
			}
			return "The form in which the content crosses this connection."
		}),
	field("Content-Type", "content_type", "RFC 9110 section 8.3", "What the content is.", always("What the content is, so that the program knows what to do with it.")),
	field("Content-Encoding", "content_encoding", "RFC 9110 section 8.4", "How the content was packed.", always("The content was packed in this way, and must be unpacked before it means anything.")),
	field("Trailer", "trailer", "RFC 9110 section 6.6.2", "Which fields come behind the content.", always("Fields that will come behind the content.")),
	field("Expect", "expect", "RFC 9110 section 10.1.1", "What the client waits for.", always("The client waits for a 100 before it sends the content, so that it need not send it in vain.")),
	field("Date", "date", "RFC 9110 section 6.6.1", "When the message was made.", always("When the message was made, by the clock of who made it.")),
	field("Server", "server", "RFC 9110 section 10.2.4", "Which program answers.", always("The program that answers, by its own word.")),
	field("User-Agent", "user_agent", "RFC 9110 section 10.1.5", "Which program asks.", always("The program that asks, by its own word.")),
	field("Accept", "accept", "RFC 9110 section 12.5.1", "Which types of content the client takes.", always("The types of content that the client takes.")),
	field("Accept-Encoding", "accept_encoding", "RFC 9110 section 12.5.3", "How the content may be packed.", always("In these ways the server may pack the content.")),
	field("Accept-Language", "accept_language", "RFC 9110 section 12.5.4", "Which languages the user reads.", always("The languages that the user reads.")),
	field("Cache-Control", "cache_control", "RFC 9111 section 5.2", "What may be kept, and for how long.",
		func(_ *opened, v string) string {
			if strings.Contains(strings.ToLower(v), "no-store") {
				return "Nobody may keep a copy of this."
			}
			return "Whether a copy of this may be kept and used again, and for how long."
		}),
	field("ETag", "etag", "RFC 9110 section 8.8.3", "A name for this very content.", always("A name for this very content: it changes when the content does.")),
	field("If-None-Match", "if_none_match", "RFC 9110 section 13.1.2", "Which content the client has already.", always("The client has the content of this name; if it is still the same, 304 is enough.")),
	field("Last-Modified", "last_modified", "RFC 9110 section 8.8.2", "When the content changed last.", always("When the content changed last.")),
	field("Location", "location", "RFC 9110 section 10.2.2", "Where to look instead.", always("Where to look instead, or where the new thing is.")),
	field("Retry-After", "retry_after", "RFC 9110 section 10.2.3", "How long to wait before asking again.", always("How long to wait before asking again.")),
	field("Allow", "allow", "RFC 9110 section 10.2.1", "Which methods the target has.", always("The methods that the target has.")),
	field("Range", "range", "RFC 9110 section 14.2", "Which part of the content is wanted.", always("Only this part of the content is wanted.")),
	field("Cookie", "cookie", "RFC 6265 section 4.2", "What the server gave the client to keep.", always("What this server gave the client to keep: by it the server knows the client again.")),
	field("Set-Cookie", "set_cookie", "RFC 6265 section 4.1", "What the client is to keep.", always("The client is to keep this and to bring it back with every later request.")),
	field("Authorization", "authorization", "RFC 9110 section 11.6.2", "Who asks.", always("By this the client shows who it is. Anybody on the way can read it here.")),
	field("WWW-Authenticate", "www_authenticate", "RFC 9110 section 11.6.1", "How the client is to show who it is.", always("How the client is to show who it is.")),
	field("Origin", "origin", "RFC 6454 section 7", "Which page makes the request.", always("The page that makes the request. A browser always tells the truth here, so a server can refuse pages it does not know.")),
	field("Access-Control-Allow-Origin", "access_control_allow_origin", "Fetch standard, section 3.3", "Which pages may read the answer.", always("The pages that may read this answer; a browser keeps it from all others.")),
	field("Referer", "referer", "RFC 9110 section 10.1.3", "Where the user came from.", always("The page that led here.")),
	field("Vary", "vary", "RFC 9110 section 12.5.5", "What else the answer depends on.", always("The answer depends on these fields of the request too, so a copy is good only where they are the same.")),
	field("Via", "via", "RFC 9110 section 7.6.3", "Which proxies passed it on.", always("The proxies that passed it on.")),
	field("X-Forwarded-For", "x_forwarded_for", "no RFC: a custom of proxies", "For whom a proxy asks.", always("For whom a proxy asks, by the proxy's word.")),
}

func sayConnection(o *opened, v string) string {
	switch {
	case o.h.Has("Connection", "Upgrade"):
		if o.h.Status == 101 {
			return "The field Upgrade is about this connection: it changes now."
		}
		return "The field Upgrade is about this connection only: a proxy that does not understand it takes both away."
	case o.h.Has("Connection", "close"):
		return "The connection closes behind this message."
	case o.h.Has("Connection", "keep-alive"):
		return "The connection stays open for another request, so that the next one needs no handshake."
	}
	return "Fields that are about this connection only, and are not passed on."
}

func sayContentLength(o *opened, v string) string {
	switch {
	case o.framing == Chunked:
		return "It counts for nothing: the chunks say where the content ends. Both together are an error, or an attack."
	case o.v.Method == "HEAD" && !o.h.Request:
		return "How much content the answer to GET would have; the answer to HEAD has none."
	case o.framing == NoContent && !o.h.Request:
		return "With this status no content follows, whatever is said here."
	case o.length == 1:
		return "The content is the 1 byte behind the head. So the reader knows where the message ends."
	}
	return "The content is the " + packets.Bytes(o.length) + " behind the head. So the reader knows where the message ends."
}

// lookup finds what is known of a field; case does not matter.
func lookup(name string) *known {
	for i := range knownFields {
		if strings.EqualFold(knownFields[i].doc.Name, name) {
			return &knownFields[i]
		}
	}
	return nil
}

// fieldLines are the field lines of a head.
func (o *opened) fieldLines() (fs []packets.Field) {
	for i := range o.h.Fields {
		f := &o.h.Fields[i]
		doc := rows[otherField]
		say := "A field that has no sentence here. Who does not know a field ignores it, so anybody may add one."
		if k := lookup(f.Name); k != nil {
			doc, say = k.doc, k.say(o, f.Value)
		}
		doc.Name = packets.Text([]byte(f.Name), 40) // as it stands here
		fs = append(fs, o.as(&doc, f.Line, packets.Text([]byte(f.Value), 80), say))
	}
	return fs
}
