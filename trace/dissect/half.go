package dissect

import (
	"wirelab/packets/flow"
	"wirelab/packets/http1"
	"wirelab/trace"
)

// A mode is what a direction is taken for.
type mode uint8

const (
	sniffing mode = iota
	requests
	responses
	frames
	raw // not read, or no longer
)

// A half is one direction of a connection.
type half struct {
	d        *Dissector
	c        *conn
	other    *half
	stream   trace.Stream
	from, to uint16
	mode     mode
	asks     bool // requests are on it, or were

	queue     []flow.Piece // not read yet
	queued    int          // bytes in it
	impatient bool         // they are too many to wait
	started   bool
	at        int64 // place of the next byte
	cut       bool  // the end in the queue is not the stream's own

	lead  []byte // while sniffing
	guess http1.Guess

	http    *http1.Reader
	message message
	asked   []ask // requests that are not answered yet
	asking  bool  // the last of them asks for another protocol

	ws *wsReader
}

// step reads a piece, and says whether it could.
func (h *half) step() bool {
	if h.mode == raw {
		h.queue, h.queued, h.lead = nil, 0, nil
		h.http, h.ws, h.message = nil, nil, message{}
		return false
	}
	if h.mode == sniffing && h.guess == http1.NoHTTP {
		return h.settle()
	}
	if len(h.queue) == 0 || h.waits() {
		return false
	}
	p := &h.queue[0]
	switch {
	case p.End:
		h.pop()
		h.close()
	case p.Gap > 0 && h.mode == sniffing:
		h.guess = http1.NoHTTP
	case p.Gap > 0:
		h.skip(p.Gap)
		h.at += p.Gap
		h.pop()
	default:
		h.read(p)
	}
	return true
}

func (h *half) pop() {
	h.queued -= len(h.queue[0].Data)
	h.queue[0] = flow.Piece{}
	if h.queue = h.queue[1:]; len(h.queue) == 0 {
		h.queue = nil
	}
}

// waits says whether the other direction must be read first: an answer behind
// its request, and what follows a request for another protocol behind the answer.
func (h *half) waits() bool {
	if h.impatient || h.other.mode == raw {
		return false
	}
	switch h.mode {
	case requests:
		return h.asking
	case responses:
		return !h.message.begun && len(h.other.asked) == 0 && (h.other.mode == requests || h.other.mode == sniffing)
	}
	return false
}

// read reads bytes until they are used up or something else must be read first.
func (h *half) read(p *flow.Piece) {
	if h.mode == sniffing {
		h.sniff(p)
		return
	}
	for !h.waits() && h.mode != raw {
		var n int
		var more bool
		if h.mode == frames {
			n, more = h.readFrame(p.Data)
		} else {
			n, more = h.readHTTP(p.Data)
		}
		h.at += int64(n)
		h.queued -= n
		p.Data = p.Data[n:]
		if !more {
			break
		}
	}
	if len(p.Data) == 0 && len(h.queue) > 0 {
		h.pop()
	}
}

// sniff takes bytes until it is clear what the stream is.
func (h *half) sniff(p *flow.Piece) {
	h.lead = append(h.lead, p.Data...)
	h.at += int64(len(p.Data))
	h.pop()
	h.guess = http1.Sniff(h.lead)
	switch h.guess {
	case http1.LooksRequest:
		h.claim(requests)
	case http1.LooksResponse:
		h.claim(responses)
	}
}

// settle decides about a direction that does not look like HTTP: next to
// requests it can only be answers that are wrong.
func (h *half) settle() bool {
	switch {
	case h.other.asks:
		h.claim(responses)
	case h.other.mode == sniffing && h.other.guess != http1.NoHTTP:
		if !h.impatient {
			return false
		}
		fallthrough
	default:
		h.mode = raw
	}
	return true
}

// claim takes the direction for HTTP, from its first byte on.
func (h *half) claim(m mode) {
	h.mode, h.asks = m, m == requests
	h.http = http1.NewReader(m == requests)
	if len(h.lead) > 0 {
		h.at -= int64(len(h.lead))
		h.queue = append([]flow.Piece{{At: h.at, Data: h.lead}}, h.queue...)
		h.queued += len(h.lead)
	}
	h.lead = nil
}

// skip passes bytes over that are not known.
func (h *half) skip(n int64) {
	if h.mode == frames {
		h.skipFrames(n)
		return
	}
	h.skipHTTP(n)
}

// close ends the direction.
func (h *half) close() {
	switch h.mode {
	case requests, responses:
		h.closeHTTP()
	case frames:
		h.closeFrames()
	}
	h.mode = raw
}

// row is what every row of this direction has.
func (h *half) row(kind string, parent int32) trace.Message {
	return trace.Message{Kind: kind, Parent: parent, From: h.from, To: h.to, Conn: h.c.number, Sent: trace.Never, Arrived: trace.Never}
}

func (h *half) span(lo, hi int64) trace.Span { return trace.Span{Stream: h.stream, Lo: lo, Hi: hi} }

// beginning is the text of a row.
func beginning(b []byte) string { return string(b[:min(len(b), trace.TextLen)]) }
