package dissect

import (
	"cmp"
	"fmt"
	"strconv"

	"wirelab/packets/socketio"
	"wirelab/trace"
)

// A session is one direction of a Socket.IO client: the attachments of an event
// may come in a later answer, over another connection.
type session struct {
	sid    string
	conn   int32 // where there is no sid
	client bool  // the client sends
}

func (s session) compare(o session) int {
	side := func(s session) int {
		if s.client {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(s.sid, o.sid), cmp.Compare(s.conn, o.conn), cmp.Compare(side(s), side(o)))
}

// A pending is a row that waits for its attachments.
type pending struct {
	row  trace.Message
	left int // attachments
	all  int
	key  session
}

// kinds are the kinds of rows of Socket.IO's packets.
var kinds = map[socketio.Type]string{
	socketio.Connect: "sio.connect", socketio.Disconnect: "sio.disconnect", socketio.ConnectError: "sio.connect_error",
	socketio.Event: "sio.event", socketio.Ack: "sio.ack",
}

// event reads a Socket.IO packet.
func (h *half) event(b []byte, at place) (*pending, error) {
	p, attachments, err := socketio.Parse(b)
	if err != nil {
		return nil, err
	}
	row := h.row(kinds[p.Type], -1)
	row.Spans, row.Size, row.Text, row.What = at.spans, len(b), beginning(b), p.Name()
	row.Spans = append([]trace.Span(nil), row.Spans...)
	if p.Asks || p.Type == socketio.Ack {
		row.ID = strconv.FormatUint(p.ID, 10)
	}
	return &pending{row: row, left: attachments, all: attachments}, nil
}

// await adds a row, or lets it wait for its attachments.
func (d *Dissector) await(key session, p *pending) {
	if before := d.sessions[key]; before != nil {
		d.give(before) // its attachments should have come uninterrupted
	}
	if p.left == 0 {
		d.give(p)
		return
	}
	p.key = key
	d.sessions[key] = p
}

// attach takes an attachment of so many bytes. It returns the row that it was
// the last one of, which is to be given, or says what is wrong.
func (d *Dissector) attach(key session, at place, size int) (done *pending, trouble string) {
	p := d.sessions[key]
	if p == nil {
		return nil, "these bytes belong to no event"
	}
	p.row.Spans = append(p.row.Spans, at.spans...)
	p.row.Size += size
	if p.left--; p.left > 0 {
		return nil, ""
	}
	return p, ""
}

// give adds the row of a packet that is complete, or never will be.
func (d *Dissector) give(p *pending) {
	if p.left > 0 {
		p.row.Trouble = fmt.Sprintf("%d of its %d attachments did not follow", p.left, p.all)
	}
	if p.all > 0 {
		delete(d.sessions, p.key)
	}
	d.add(p.row)
}
