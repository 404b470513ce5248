package wire

import (
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// A Switch joins more than two hosts: it learns behind which socket each card
// address is, and sends a frame on to that one only, or to all if it does not
// know it or the frame is for all.
type Switch struct {
	l       *Lab
	sockets []*socket
	table   map[[6]byte]*socket
}

// A socket is where a cable is plugged into a switch.
type socket struct {
	s    *Switch
	card *card // at the other end of the cable
	out  *direction
}

// Switch adds a switch without cables.
func (l *Lab) Switch() *Switch { return &Switch{l: l, table: map[[6]byte]*socket{}} }

// Plug lays a cable from a host to the switch, with conditions for each
// direction.
func (s *Switch) Plug(h *Host, fromHost, toHost Conditions) *Cable {
	p := &socket{s: s, card: h.free()}
	s.sockets = append(s.sockets, p)
	return s.l.join(p.card, p, fromHost, toHost)
}

// receiver implements port.
func (p *socket) receiver(mac [6]byte) uint16 {
	first := p.card.host.number
	for _, q := range p.s.sockets {
		if string(q.card.mac) == string(mac[:]) {
			return q.card.host.number
		}
		if q != p && first == p.card.host.number {
			first = q.card.host.number
		}
	}
	return first
}

// arrive implements port: the switch sends the frame on.
func (p *socket) arrive(f frame) {
	l, s := p.s.l, p.s
	var ethernet [header.EthernetMinimumSize]byte
	if n, err := f.buf.ReadAt(ethernet[:], 0); err != nil || n < len(ethernet) {
		f.buf.Release()
		return
	}
	dst, src := [6]byte(ethernet[:6]), [6]byte(ethernet[6:12])
	s.table[src] = p
	if q := s.table[dst]; q != nil {
		l.mu.Lock()
		q.out.send(frame{buf: f.buf, row: f.row, h: f.h})
		l.mu.Unlock()
		return
	}
	// One record for each host that gets it, all of them made before the cables
	// write into them what becomes of each.
	l.mu.Lock()
	defer l.mu.Unlock()
	var rows []int
	for _, q := range s.sockets {
		if q == p {
			continue
		}
		row := f.row
		if len(rows) > 0 {
			row = l.rec.Flood(f.row)
		}
		l.rec.At(row).To = q.card.host.number
		rows = append(rows, row)
	}
	for _, q := range s.sockets {
		if q != p {
			q.out.send(frame{buf: f.buf.Clone(), row: rows[0], h: f.h})
			rows = rows[1:]
		}
	}
	f.buf.Release()
}
