package export

import (
	"fmt"
	"slices"
	"strings"

	"wirelab/packets"
	"wirelab/story/scene"
	"wirelab/trace"
)

// A strip is what one end of a connection sent, its messages one behind the
// other, cut into pieces as they first were, at the end of the run.
type strip struct {
	stream   trace.Stream
	title    string
	side     side
	from, to string
	udp      bool
	messages int
	bytes    int64
	pieces   []scene.Piece
	more     int // pieces that were left out
}

// stripsOf are the strips of a run, at most maxStrips; more is how many streams
// have none.
func stripsOf(sc *scene.Scene) (strips []strip, more int) {
	tr := sc.Teller().Trace()
	end := longAfter(sc.Teller().Len())
	left := map[trace.Stream]bool{}
	for _, ref := range said(tr) {
		stream, ok := streamOf(tr, ref)
		if !ok {
			continue
		}
		at := slices.IndexFunc(strips, func(s strip) bool { return s.stream == stream })
		switch {
		case at < 0 && len(strips) == maxStrips:
			left[stream] = true
			continue
		case at < 0:
			at = len(strips)
			strips = append(strips, newStrip(tr, stream))
		}
		s := &strips[at]
		cut := sc.Strip(ref, end, max(maxPieces-len(s.pieces), 0))
		s.messages++
		s.bytes += cut.Size
		s.pieces = append(s.pieces, cut.Pieces...)
		s.more += cut.Left.Pieces + cut.Right.Pieces
	}
	strips = slices.DeleteFunc(strips, func(s strip) bool { return len(s.pieces) == 0 })
	return strips, len(left)
}

// said are the messages of a run; if its programs tell of none, what they wrote.
func said(tr *trace.Trace) (refs []trace.Ref) {
	for i := range tr.Messages {
		if tr.Messages[i].Parent < 0 {
			refs = append(refs, trace.Ref{Table: trace.Messages, Row: i})
		}
	}
	if len(refs) > 0 {
		return refs
	}
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.What == "write" && (!c.Span.Empty() || c.Span.Unit > 0) {
			refs = append(refs, trace.Ref{Table: trace.Calls, Row: i})
		}
	}
	return refs
}

// streamOf is the stream of a message or a write.
func streamOf(tr *trace.Trace, ref trace.Ref) (trace.Stream, bool) {
	if ref.Table == trace.Calls {
		return tr.Calls[ref.Row].Span.Stream, true
	}
	m := &tr.Messages[ref.Row]
	if len(m.Spans) == 0 || m.Spans[0].Stream < 0 {
		return 0, false
	}
	return m.Spans[0].Stream, true
}

func newStrip(tr *trace.Trace, s trace.Stream) strip {
	c := &tr.Conns[s.Conn()]
	from, to := tr.Name(c.Ends[s.End()].Host), tr.Name(c.Ends[1-s.End()].Host)
	title := from + " to " + to
	if len(tr.Conns) > 1 {
		title = fmt.Sprintf("#%d %s", s.Conn()+1, title)
	}
	return strip{stream: s, title: title, side: [...]side{client, server}[s.End()], from: from, to: to, udp: c.Proto == packets.ProtocolUDP}
}

// words say what the strip is.
func (s *strip) words() string {
	kind := [2]string{"segment", "segments"}
	if s.udp {
		kind = [2]string{"piece", "pieces"}
	}
	what := []string{s.title + ": " + plural(int(s.bytes), "byte", "bytes")}
	if s.udp || s.messages > 1 {
		what = append(what, plural(s.messages, "message", "messages"))
	}
	what = append(what, plural(len(s.pieces)+s.more, kind[0], kind[1]))
	if s.more > 0 {
		what = append(what, fmt.Sprintf("%s of them not shown", group(s.more)))
	}
	return strings.Join(what, ", ")
}

// nameOf is what a piece is called, and how often it was sent if it was more
// than once.
func nameOf(p *scene.Piece) string {
	name := p.Name
	switch {
	case name == "" && p.Span.Unit > 0: // a fragment
		name = fmt.Sprintf("datagram %d", p.Span.Unit)
	case p.Part:
		name = "part of " + name
	}
	switch {
	case p.Row < 0:
		return "never sent"
	case p.Times == 2:
		return name + ", sent twice"
	case p.Times > 2:
		return fmt.Sprintf("%s, sent %s times", name, group(p.Times))
	}
	return name
}

// has says what the receiver has of a piece. Where the run has ended, what was
// lost will not come.
func has(p *scene.Piece) string {
	if p.Lost {
		return "lost"
	}
	return p.Got.String()
}

// inFull says whether the receiver has all of a piece, for its program to read.
func inFull(p *scene.Piece) bool { return p.Got == scene.InOrder || p.Got == scene.Read }

// rangeOf names the bytes of a piece, counted from 1, as the story does.
func (s *strip) rangeOf(p *scene.Piece) string {
	switch {
	case s.udp && p.Span.Lo == 0 && p.Name != "" && s.messages == len(s.pieces)+s.more:
		return plural(int(p.Span.Len()), "byte", "bytes")
	case p.Span.Len() == 1:
		return "byte " + group(int(p.Span.Hi))
	}
	return fmt.Sprintf("%s to %s", group(int(p.Span.Lo+1)), group(int(p.Span.Hi)))
}
