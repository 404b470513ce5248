package http1

import (
	"fmt"
	"strings"

	"wirelab/packets"
)

// part is a part of a message that is no field line: a row of the table.
type part = int

const (
	requestLine part = iota
	method
	target
	version
	statusLine
	responseVersion
	status
	reason
	otherField
	headEnd
	content
	chunk
	chunkLen
	chunkData
	chunkEnd
	trailer
	cut
)

// rows describe the parts of a message. Where one is, a message tells.
var rows = [...]packets.FieldDoc{
	requestLine:     row("http.request.line", "request line", "RFC 9112 section 3", "What the client wants: a method, a target, the version."),
	method:          row("http.request.method", "method", "RFC 9110 section 9", "What is to be done with the target."),
	target:          row("http.request.uri", "request target", "RFC 9112 section 3.2", "What it is to be done with: most often a path on the server."),
	version:         row("http.request.version", "HTTP version", "RFC 9112 section 2.3", "Which version of the protocol the sender keeps to."),
	statusLine:      row("http.response.line", "status line", "RFC 9112 section 4", "How it went: the version, a status, a reason."),
	responseVersion: row("http.response.version", "HTTP version", "RFC 9112 section 2.3", "Which version of the protocol the sender keeps to."),
	status:          row("http.response.code", "status code", "RFC 9110 section 15", "How it went, for the program."),
	reason:          row("http.response.phrase", "reason phrase", "RFC 9112 section 4", "The same for people; programs ignore it."),
	otherField:      row("http.unknown_header", "field line", "RFC 9110 section 5.1", "A field that has no sentence of its own here."),
	headEnd:         row("http.head_end", "end of the head", "RFC 9112 section 2.1", "An empty line, behind which the content begins."),
	content:         row("http.file_data", "content", "RFC 9110 section 6.4", "What the message carries."),
	chunk:           row("http.chunk", "chunk", "RFC 9112 section 7.1", "A part of the content behind its length."),
	chunkLen:        row("http.chunk_size", "chunk size", "RFC 9112 section 7.1", "The length of the chunk, in hex; 0 ends the content."),
	chunkData:       row("http.chunk_data", "chunk data", "RFC 9112 section 7.1", "A part of the content."),
	chunkEnd:        row("http.chunk_boundary", "end of the chunk", "RFC 9112 section 7.1", "An end of line that is no part of the content."),
	trailer:         row("http.chunked_trailer_part", "trailer section", "RFC 9112 section 7.1.2", "Fields that could be known only at the end, and an empty line."),
	cut:             row("http.cut", "cut off", "no RFC: what was not sent, or not captured", "What is here of a head that is not whole, or cannot be read."),
}

func row(key, name, rfc, about string) packets.FieldDoc {
	return packets.FieldDoc{Key: key, Name: name, Bit: -1, RFC: rfc, About: about, Sometimes: true}
}

// Reference is what is known of every part of a message and of every field that
// has sentences here, for pages of documentation.
func Reference() packets.ProtocolDoc {
	doc := packets.ProtocolDoc{
		Key: "http", Name: "HTTP", Title: "Hypertext Transfer Protocol, version 1.1", RFC: "RFC 9112",
		About: "Asks a server for something, and carries the answer: text in a TCP stream.",
	}
	doc.Fields = append(doc.Fields, rows[:]...)
	for _, k := range knownFields {
		doc.Fields = append(doc.Fields, k.doc)
	}
	return doc
}

// A View is what a message alone does not tell of itself.
type View struct {
	Request bool
	Method  string // of the request that a response answers; empty if it is not known
	Key     string // Sec-WebSocket-Key of that request
	Trouble string // what is wrong with the message
}

// Open lays a message open: b is what is here of it, from its first byte on. The
// fields of its layers, head and content, cover it.
func Open(b []byte, v View) []packets.Layer {
	h, err := ParseHead(b, v.Request)
	if err != nil || h.Size == 0 {
		return []packets.Layer{cutLayer(b, v, &h, err)}
	}
	o := opened{b: b, v: v, h: &h}
	o.framing, o.length, err = h.Framing(v.Method)
	head := packets.Layer{Protocol: "http", Name: "HTTP", Len: h.Size, Summary: o.summary(), Damage: v.Trouble}
	if err != nil {
		head.Damage = err.Error()
	}
	head.Fields = o.head()
	layers := []packets.Layer{head}
	if h.Size < len(b) {
		layers = append(layers, o.content())
	}
	return layers
}

// cutLayer is a head that is not whole, or cannot be read to its end.
func cutLayer(b []byte, v View, h *Head, err error) packets.Layer {
	say := "The head is not whole: what follows is not here."
	l := packets.Layer{Protocol: "http", Name: "HTTP", Len: len(b), Summary: "the beginning of a head, " + packets.Bytes(len(b)), Damage: v.Trouble}
	if err != nil {
		say = "Here the head can no longer be read: " + err.Error() + "."
		l.Summary, l.Damage = "a head that cannot be read", err.Error()
	}
	o := opened{b: b, v: v, h: h}
	at := 0
	if h.parts[2] != (Range{}) { // the start line is whole, and the lines in Fields
		if n := len(h.Fields); err != nil && n > 0 { // the last is the wrong one
			h.Fields = h.Fields[:n-1]
		}
		l.Fields = append(l.Fields, o.startLine())
		l.Fields = append(l.Fields, o.fieldLines()...)
		at = h.line.Hi
		if n := len(h.Fields); n > 0 {
			at = h.Fields[n-1].Line.Hi
		}
	}
	if at < len(b) {
		l.Fields = append(l.Fields, o.at(cut, Range{at, len(b)}, packets.Text(b[at:], 64), say))
	}
	return l
}

type opened struct {
	b       []byte
	v       View
	h       *Head
	framing Framing
	length  int64
}

// at is a part of the message.
func (o *opened) at(p part, r Range, value, say string, kids ...packets.Field) packets.Field {
	return o.as(&rows[p], r, value, say, kids...)
}

func (o *opened) as(doc *packets.FieldDoc, r Range, value, say string, kids ...packets.Field) packets.Field {
	f := doc.At(8*r.Lo, 8*(r.Hi-r.Lo), value, say, kids...)
	f.Raw = packets.Bits(o.b, f.Bit, f.Bits)
	return f
}

func (o *opened) head() []packets.Field {
	fs := append([]packets.Field{o.startLine()}, o.fieldLines()...)
	at := o.h.line.Hi
	if n := len(o.h.Fields); n > 0 {
		at = o.h.Fields[n-1].Line.Hi
	}
	return append(fs, o.at(headEnd, Range{at, o.h.Size}, "empty line", o.sayEnd()))
}

func (o *opened) startLine() packets.Field {
	h := o.h
	if h.Request {
		return o.at(requestLine, h.line, packets.Text([]byte(h.StartLine()), 64), o.sayRequest(),
			o.at(method, h.parts[0], packets.Text([]byte(h.Method), 20), sayMethod(h.Method)),
			o.at(target, h.parts[1], packets.Text([]byte(h.Target), 64), sayTarget(h.Target)),
			o.at(version, h.parts[2], fmt.Sprintf("HTTP/1.%d", h.Minor), sayVersion(h)))
	}
	kids := []packets.Field{
		o.at(responseVersion, h.parts[0], fmt.Sprintf("HTTP/1.%d", h.Minor), sayVersion(h)),
		o.at(status, h.parts[1], fmt.Sprint(h.Status), sayStatus(h.Status)),
	}
	if h.Reason != "" {
		kids = append(kids, o.at(reason, h.parts[2], packets.Text([]byte(h.Reason), 40), "The status for people; programs ignore it."))
	}
	return o.at(statusLine, h.line, packets.Text([]byte(h.StartLine()), 64), o.sayResponse(), kids...)
}

// summary is one line for the whole message.
func (o *opened) summary() string {
	s := packets.Text([]byte(o.h.StartLine()), 80)
	switch o.framing {
	case Counted:
		s += ", " + packets.Bytes(o.length) + " of content"
	case Chunked:
		s += ", content in chunks"
	case UntilClose:
		s += ", content until the connection closes"
	}
	return s
}

// content is the layer behind the head.
func (o *opened) content() packets.Layer {
	at := o.h.Size
	l := packets.Layer{Protocol: "data", Name: "Content", Off: at, Len: len(o.b) - at}
	o.b, o.h = o.b[at:], &Head{}
	if o.framing == Chunked {
		var n int
		l.Fields, n = o.chunks()
		l.Summary = packets.Bytes(n) + " in chunks"
		return l
	}
	text := packets.Text(o.b, 64)
	l.Summary = packets.Bytes(len(o.b)) + ": " + text
	say := "What the message carries, " + packets.Bytes(len(o.b)) + "."
	switch {
	case o.framing == Counted && int64(len(o.b)) < o.length:
		say = "What is here of the content: " + packets.Bytes(len(o.b)) + " of " + packets.Bytes(o.length) + "."
	case o.framing == Counted:
		say = "The " + packets.Bytes(o.length) + " that Content-Length announced; the next message begins behind them."
	case o.framing == UntilClose:
		say = "The content: " + packets.Bytes(len(o.b)) + ", up to the end of the stream."
	}
	l.Fields = []packets.Field{o.at(content, Range{0, len(o.b)}, text, say)}
	return l
}

// mostChunks is how many chunks are laid open one by one.
const mostChunks = 1000

// chunks lays the chunks open, and counts the bytes in them.
func (o *opened) chunks() (fs []packets.Field, total int) {
	at := 0
	rest := func(say string) ([]packets.Field, int) {
		if at < len(o.b) {
			fs = append(fs, o.at(cut, Range{at, len(o.b)}, packets.Text(o.b[at:], 64), say))
		}
		return fs, total
	}
	for range mostChunks {
		i := strings.IndexByte(string(o.b[at:min(len(o.b), at+maxChunkLine)]), '\n')
		if i < 0 {
			return rest("The line before a chunk is not whole.")
		}
		line := strings.TrimSuffix(string(o.b[at:at+i]), "\r")
		n, err := chunkSize(line)
		if err != nil {
			return rest("Here the content can no longer be read: " + err.Error() + ".")
		}
		size := o.at(chunkLen, Range{at, at + i + 1}, packets.Text([]byte(line), 20), sayChunk(n))
		if n == 0 {
			fs = append(fs, size)
			if at += i + 1; at < len(o.b) {
				fs = append(fs, o.at(trailer, Range{at, len(o.b)}, packets.Text(o.b[at:], 64), "An empty line ends the message; fields that were known only now would stand before it."))
			}
			return fs, total
		}
		data := Range{at + i + 1, int(min(int64(len(o.b)), int64(at+i+1)+n))}
		kids := []packets.Field{size}
		if data.Hi > data.Lo {
			kids = append(kids, o.at(chunkData, data, packets.Text(o.b[data.Lo:data.Hi], 64), packets.Bytes(data.Hi-data.Lo)+" of the content."))
		}
		total += data.Hi - data.Lo
		end := min(data.Hi+2, len(o.b))
		if data.Hi < end && o.b[data.Hi] == '\n' {
			end = data.Hi + 1
		}
		if end > data.Hi {
			kids = append(kids, o.at(chunkEnd, Range{data.Hi, end}, "end of line", "It ends the chunk, and is no part of the content."))
		}
		fs = append(fs, o.at(chunk, Range{at, end}, packets.Bytes(n), "A part of the content that was ready to be sent.", kids...))
		at = end
	}
	return rest("Further chunks.")
}
