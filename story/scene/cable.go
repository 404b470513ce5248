package scene

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// A Flight is a packet on a cable.
type Flight struct {
	Row      int
	From, To uint16 // hosts, or what is between: those of this way of it

	// Part is how far it has come: 0 where it was sent, 1 where it lands. It
	// goes as fast all the way from when its first bit left.
	Part float64

	Waiting bool       // in the queue before the wire: its first bit has not left
	Lost    bool       // this is where it was lost, or thrown away: it goes no farther
	Fate    trace.Fate // UnderWay as long as it is not decided; then what it is
}

// Which says of which packets a picture is.
type Which struct {
	kind which
	conn int32
	a, b uint16
}

type which uint8

const (
	all which = iota
	ofConn
	with
	between
)

// All are all packets: the zero Which.
func All() Which { return Which{} }

// OfConn are the packets of a connection; of -1, those of none.
func OfConn(conn int32) Which { return Which{kind: ofConn, conn: conn} }

// With are the packets of a connection and those of none, which may have to do
// with it: ARP, ICMP.
func With(conn int32) Which { return Which{kind: with, conn: conn} }

// Between are the packets that one of two hosts sends straight to the other.
func Between(a, b uint16) Which { return Which{kind: between, a: a, b: b} }

// has says whether p is one of them.
func (w Which) has(p *trace.Packet) bool {
	switch w.kind {
	case ofConn:
		return p.Conn() == w.conn
	case with:
		return p.Conn() == w.conn || p.Conn() < 0
	case between:
		return p.From == w.a && p.To == w.b || p.From == w.b && p.To == w.a
	}
	return true
}

// A loss is a packet that did not arrive, and how long one that does takes on
// its way when its last bit has left.
type loss struct {
	row    int32
	travel time.Duration
}

// unheard is how long the way is taken to be if no packet arrived either way.
const unheard = 20 * time.Millisecond

const forever = time.Duration(math.MaxInt64)

// stretch is how many packets of the order share one entry of gone.
const stretch = 64

// A way leads from one host to another over a card of the first.
type way struct {
	card        int32         // numbered through all hosts
	first, last time.Duration // what packets took there that arrived, when their last bit had left; Never: none did
}

// lay finds for each packet the one before it on its wire: as long as that one
// is being sent the other waits. And it finds out how long those packets would
// have taken that did not arrive, from those that did.
func (s *Scene) lay() {
	s.before = make([]uint16, len(s.tr.Packets))
	ways := map[uint32]*way{}
	number := func(from, to uint16) uint32 { return uint32(from)<<16 | uint32(to) }
	cards := map[card]int32{}
	var last []int32 // the packet sent last, by card
	for row := range s.rows() {
		p := &s.tr.Packets[row]
		w := ways[number(p.From, p.To)]
		if w == nil {
			w = &way{s.cardOf(p, cards), trace.Never, trace.Never}
			ways[number(p.From, p.To)] = w
			s.ways = append(s.ways, [2]uint16{p.From, p.To})
			for len(last) < len(cards) {
				last = append(last, -1)
			}
		}
		q := last[w.card]
		twin := q >= 0 && s.twins(p, &s.tr.Packets[q])
		if twin {
			q = s.previous(q)
		}
		if back := row - q; q >= 0 && back > 0 && back <= math.MaxUint16 {
			s.before[row] = uint16(back)
		}
		if !twin && p.Left != trace.Never {
			last[w.card] = row
		}
		if p.Arrived == trace.Never {
			s.lost = append(s.lost, loss{row, w.last})
		} else if travel := p.Arrived - max(p.Left, p.Sent); travel > 0 {
			if w.first == trace.Never {
				w.first = travel
			}
			w.last = travel
		}
	}
	for i := range s.lost {
		l := &s.lost[i]
		if l.travel != trace.Never {
			continue
		}
		p := &s.tr.Packets[l.row]
		l.travel = ways[number(p.From, p.To)].first
		if back := ways[number(p.To, p.From)]; back != nil && l.travel == trace.Never {
			l.travel = back.first
		}
		if l.travel == trace.Never {
			l.travel = unheard
		}
	}
	slices.SortFunc(s.lost, func(a, b loss) int { return cmp.Compare(a.row, b.row) })
	s.gone = make([]time.Duration, (len(s.tr.Packets)+stretch-1)/stretch)
	i := 0
	for row := range s.rows() {
		gone := s.tr.Packets[row].Arrived
		if s.tr.Packets[row].Fate != trace.Delivered {
			gone = s.passage(row).gone
		}
		s.gone[i/stretch] = max(s.gone[i/stretch], gone)
		i++
	}
}

// A card is one of a host: by its address, or, of a middlebox, which has none, by
// where it leads.
type card struct {
	from, to uint16
	mac      [6]byte
}

// cardOf is the number of the card over which p was sent.
func (s *Scene) cardOf(p *trace.Packet, cards map[card]int32) int32 {
	c := card{from: p.From}
	if frame := s.tr.Bytes(p); s.tr.Hosts[p.From].Addr.IsValid() && len(frame) >= packets.EthernetHeaderLen {
		c.mac = [6]byte(frame[6:12])
	} else {
		c.to = p.To
	}
	n, ok := cards[c]
	if !ok {
		n = int32(len(cards))
		cards[c] = n
	}
	return n
}

// twins says whether two rows are of one frame, that the wire made two of.
func (s *Scene) twins(p, q *trace.Packet) bool {
	if !p.Copy && (p.Nth > 0 || p.Sent != q.Sent) {
		return false
	}
	a, b := s.tr.Bytes(p), s.tr.Bytes(q)
	return len(a) > 0 && len(b) > 0 && &a[0] == &b[0]
}

// A passage is when a packet does what.
type passage struct {
	starts time.Duration // its first bit leaves
	lands  time.Duration // it arrives, or would have
	stops  time.Duration // it is lost or thrown away; forever: it is not
	part   float64       // where it stops
	gone   time.Duration // it is out of the picture
}

// Where the lost ones are lost. Chance and a cut cable take them on their way;
// what the queue, a filter or one's own hand takes never left.
const onTheWay = 0.5

// passage is that of the packet in a row.
func (s *Scene) passage(row int32) passage {
	p := &s.tr.Packets[row]
	w := passage{starts: s.starts(row), lands: p.Arrived, stops: forever}
	if p.Arrived == trace.Never {
		i := sort.Search(len(s.lost), func(i int) bool { return s.lost[i].row >= row })
		w.lands = max(p.Left, w.starts) + s.lost[i].travel
	}
	takes := w.lands - w.starts
	switch {
	case p.Arrived != trace.Never && (p.Fate.Lost() || p.Fate == trace.BadChecksum || p.Fate == trace.SocketFull):
		w.part, w.stops = 1, w.lands
	case p.Fate == trace.LostRandom || p.Fate == trace.LostCut:
		w.part, w.stops = onTheWay, w.starts+time.Duration(onTheWay*float64(takes))
	case p.Fate.Lost():
		w.stops = p.Sent
		w.starts, w.lands = p.Sent, p.Sent+takes
	case p.Fate == trace.UnderWay:
		w.lands, w.gone = max(w.lands, s.tr.End+1), forever
		return w
	default:
		w.gone = w.lands
		return w
	}
	w.gone = w.stops + takes
	return w
}

// starts is when the first bit of the packet in a row left: when it was sent, or
// when the one before it on the wire was out.
func (s *Scene) starts(row int32) time.Duration {
	p := &s.tr.Packets[row]
	q := s.previous(row)
	if q < 0 || p.Left == trace.Never {
		return p.Sent
	}
	return min(max(p.Sent, s.tr.Packets[q].Left), p.Left)
}

// previous is the packet before the one in a row on its wire; -1: none, or it is
// so many packets back that its wire is free.
func (s *Scene) previous(row int32) int32 {
	if back := int32(s.before[row]); back > 0 {
		return row - back
	}
	return -1
}

// UnderWay are the packets on the cable at m, in the order of their sending: all
// that were sent and have not arrived, and for a while those that were lost.
func (s *Scene) UnderWay(w Which, m story.Moment) []Flight {
	var flights []Flight
	n := s.sentBy(m)
	for i := 0; i < n; i++ {
		if i%stretch == 0 && s.gone[i/stretch] < m.At {
			i += stretch - 1
			continue
		}
		row := s.at(i)
		if !w.has(&s.tr.Packets[row]) {
			continue
		}
		if f, ok := s.flight(row, m); ok {
			flights = append(flights, f)
		}
	}
	return flights
}

// sentBy is how many packets were sent by m.
func (s *Scene) sentBy(m story.Moment) int {
	return sort.Search(len(s.tr.Packets), func(i int) bool { return !s.left(s.at(i), m) })
}

// flight is the packet in a row, which was sent, if it is in the picture at m.
func (s *Scene) flight(row int32, m story.Moment) (Flight, bool) {
	p := &s.tr.Packets[row]
	f := Flight{Row: int(row), From: p.From, To: p.To}
	w := s.passage(row)
	landed := s.landed(row, m)
	switch {
	case landed && w.stops == forever, w.gone < m.At:
		return f, false
	case w.part == 1 && landed, w.part < 1 && w.stops <= m.At:
		if w.gone == m.At {
			return f, false
		}
		f.Lost, f.Fate, f.Part = true, p.Fate, w.part
		return f, true
	}
	f.Waiting = m.At < w.starts
	f.Part = w.at(m.At)
	return f, true
}

// at is how far a packet has come that is not stopped.
func (w *passage) at(now time.Duration) float64 {
	if now <= w.starts {
		return 0
	}
	if now >= w.lands {
		return 1
	}
	return float64(now-w.starts) / float64(w.lands-w.starts)
}
