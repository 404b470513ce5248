package wire

import (
	"bytes"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"wirelab/packets"
	"wirelab/trace"
)

// A Middlebox sits in a cable between two hosts, which do not know of it: it
// sends frames on, some of them not, and some changed. Many firewalls and
// proxies are of this kind.
type Middlebox struct {
	l      *Lab
	number uint16 // in the trace
	rule   Rule
	plugs  [2]*plug
}

// A Rule is what a Middlebox does. The zero Rule sends all on as it is.
type Rule struct {
	Block []Block  // packets that it throws away
	Strip []string // names of HTTP header fields that it makes unreadable
}

// A plug is one side of a middlebox.
type plug struct {
	box  *Middlebox
	card *card // at the other end of its cable
	far  *plug
	out  *direction
}

// Middlebox puts a middlebox between two hosts: a cable from each to it, with
// the same conditions, fromA towards b and fromB towards a.
func (l *Lab) Middlebox(name string, rule Rule, a, b *Host, fromA, fromB Conditions) *Middlebox {
	l.mu.Lock()
	m := &Middlebox{l: l, rule: rule, number: l.rec.Host(trace.Host{Name: name})}
	l.mu.Unlock()
	near, far := &plug{box: m, card: a.free()}, &plug{box: m, card: b.free()}
	near.far, far.far = far, near
	m.plugs = [2]*plug{near, far}
	l.join(near.card, near, fromA, fromB)
	l.join(far.card, far, fromB, fromA)
	return m
}

// receiver implements port.
func (p *plug) receiver([6]byte) uint16 { return p.box.number }

// arrive implements port: the middlebox looks at the frame and sends it on.
func (p *plug) arrive(f frame) {
	l, m := p.box.l, p.box
	l.mu.Lock()
	defer l.mu.Unlock()
	l.landed(f.row)
	rec := l.rec.At(f.row)
	verdict := passage{h: f.h}
	blocked(m.rule.Block).strike(&verdict)
	if verdict.fate != trace.UnderWay {
		rec.Fate = verdict.fate
		f.buf.Release()
		return
	}
	for _, name := range m.rule.Strip {
		if rec.Flip >= 0 {
			break // its checksum is wrong, and is to stay so
		}
		f.buf = stripped(f.buf, &f.h, name)
	}
	on := frame{buf: f.buf}
	var parts [][]byte
	on.buf.Apply(func(v *buffer.View) { parts = append(parts, v.AsSlice()) })
	on.row, on.h = l.rec.Packet(trace.Packet{From: m.number, To: p.far.card.host.number, Sent: l.elapsed(), Step: l.step, Cause: trace.AtReceive}, parts...)
	l.bytes += int64(l.rec.At(on.row).Len())
	p.far.out.send(on)
}

// stripped makes the name of an HTTP header field unreadable, if a TCP segment
// begins a line with it: as long as before, so that no number changes
// but the checksum.
func stripped(buf buffer.Buffer, h *packets.Headers, name string) buffer.Buffer {
	if h.Proto != packets.ProtocolTCP || h.L4Off == 0 || h.Len == 0 {
		return buf
	}
	b := buf.Flatten()
	field := []byte("\r\n" + name + ":")
	at := bytes.Index(bytes.ToLower(b[h.Off:h.Off+h.Len]), bytes.ToLower(field))
	if at < 0 {
		return buf
	}
	buf.Release()
	start := h.Off + at + 2
	for i := range name {
		b[start+i] = 'x'
	}
	segment := header.TCP(b[h.L4Off : h.Off+h.Len])
	segment.SetChecksum(0)
	src, dst := tcpip.AddrFromSlice(h.Src.AsSlice()), tcpip.AddrFromSlice(h.Dst.AsSlice())
	sum := header.PseudoHeaderChecksum(tcp.ProtocolNumber, src, dst, uint16(len(segment)))
	segment.SetChecksum(^checksum.Checksum(segment, sum))
	return buffer.MakeWithData(b)
}
