package story

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"wirelab/packets"
	"wirelab/trace"
)

// The JSON form is one object a line; docs/json.md describes it. Times are
// integers in nanoseconds of lab time, null where something did not happen.
// Fields are only ever added.

type jsonHost struct {
	Name string `json:"name"`
	Addr string `json:"addr"`
	MAC  string `json:"mac"`
}

type jsonConn struct {
	Proto string    `json:"proto"`
	Ends  [2]string `json:"ends"`
	Hosts [2]string `json:"hosts"`
	ISN   [2]uint32 `json:"isn"`
}

type jsonScenario struct {
	Type     string     `json:"type"`
	Origin   string     `json:"origin"`
	Scenario string     `json:"scenario"`
	Start    time.Time  `json:"start"`
	Hosts    []jsonHost `json:"hosts"`
	Conns    []jsonConn `json:"conns"`
}

// jsonSpan is an interval of a stream: bytes [lo, hi), counted from 0.
type jsonSpan struct {
	Conn int32 `json:"conn"`
	End  int   `json:"end"`
	Unit int32 `json:"unit,omitempty"`
	Lo   int64 `json:"lo"`
	Hi   int64 `json:"hi"`
}

type jsonCall struct {
	Type   string    `json:"type"`
	ID     int       `json:"id"`
	Parent *int32    `json:"parent"`
	Who    string    `json:"who"`
	What   string    `json:"what"`
	Conn   *int32    `json:"conn"`
	Span   *jsonSpan `json:"span"`
	Bytes  int64     `json:"bytes"`
	Start  int64     `json:"start_ns"`
	End    *int64    `json:"end_ns"`
	Result string    `json:"result"`
	Note   string    `json:"note,omitempty"`
}

type jsonMessage struct {
	Type    string     `json:"type"`
	ID      int        `json:"id"`
	Parent  *int32     `json:"parent"`
	Kind    string     `json:"kind"`
	From    string     `json:"from"`
	To      string     `json:"to"`
	Size    int        `json:"size"`
	Text    string     `json:"text"`
	Spans   []jsonSpan `json:"spans"`
	Sent    *int64     `json:"sent_ns"`
	Arrived *int64     `json:"arrived_ns"`
}

type jsonPacket struct {
	Type    string    `json:"type"`
	N       int       `json:"n"`
	Nth     uint32    `json:"nth"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Sent    int64     `json:"sent_ns"`
	Left    *int64    `json:"left_ns"`
	Arrived *int64    `json:"arrived_ns"`
	Fate    string    `json:"fate"`
	Cause   string    `json:"cause"`
	Name    string    `json:"name,omitempty"`
	Text    string    `json:"text"`
	Span    *jsonSpan `json:"span"`
	Again   bool      `json:"again"`
	Bytes   int       `json:"frame_bytes"`
	TCP     *jsonTCP  `json:"tcp,omitempty"`
}

// jsonTCP has the numbers of a segment, sequence numbers relative.
type jsonTCP struct {
	Seq    uint32   `json:"seq"`
	Ack    uint32   `json:"ack"`
	Len    int      `json:"len"`
	Flags  []string `json:"flags"`
	Window uint16   `json:"window"`
}

type jsonSample struct {
	Type     string  `json:"type"`
	At       int64   `json:"at_ns"`
	Conn     int32   `json:"conn"`
	Who      string  `json:"who"`
	Cause    string  `json:"cause"`
	State    string  `json:"state"`
	SndUna   uint32  `json:"snd_una"`
	SndNxt   uint32  `json:"snd_nxt"`
	SndWnd   uint32  `json:"snd_wnd"`
	RcvNxt   uint32  `json:"rcv_nxt"`
	RcvWnd   uint32  `json:"rcv_wnd"`
	Cwnd     uint32  `json:"cwnd_segments"`
	Ssthresh *uint32 `json:"ssthresh_segments"`
	RTO      int64   `json:"rto_ns"`
	SRTT     int64   `json:"srtt_ns"`
	RTTVar   int64   `json:"rttvar_ns"`
	Recovery string  `json:"recovery"`
}

type jsonSummary struct {
	Type     string        `json:"type"`
	Packets  int           `json:"packets"`
	Bytes    int64         `json:"frame_bytes"`
	Lost     int           `json:"lost"`
	Again    int           `json:"again"`
	Calls    int           `json:"calls"`
	Took     int64         `json:"took_ns"`
	Waiting  []string      `json:"waiting"`
	Error    string        `json:"error"`
	Dropped  int           `json:"dropped,omitempty"`
	Lateness *jsonLateness `json:"lateness,omitempty"`
}

// jsonLateness says by how much the real clock was late.
type jsonLateness struct {
	Events int   `json:"events"`
	Mean   int64 `json:"mean_ns"`
	P99    int64 `json:"p99_ns"`
	Max    int64 `json:"max_ns"`
}

// JSON writes a trace as one JSON object a line: the scenario, then the rows of
// the tables asked for, the samples, and a summary.
func JSON(w io.Writer, tr *trace.Trace, events []Event, zooms ...Zoom) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(harmless{b})
	enc.SetEscapeHTML(false)
	rows := []func(*json.Encoder) error{func(e *json.Encoder) error { return e.Encode(scenarioJSON(tr)) }}
	for _, z := range zooms {
		switch z {
		case Calls:
			rows = append(rows, func(e *json.Encoder) error { return callsJSON(e, tr) })
		case Messages:
			rows = append(rows, func(e *json.Encoder) error { return messagesJSON(e, tr) })
		case Packets:
			rows = append(rows, func(e *json.Encoder) error { return packetsJSON(e, tr, events) },
				func(e *json.Encoder) error { return samplesJSON(e, tr) })
		}
	}
	rows = append(rows, func(e *json.Encoder) error { return e.Encode(summaryJSON(tr)) })
	for _, write := range rows {
		if err := write(enc); err != nil {
			return err
		}
	}
	return b.Flush()
}

func scenarioJSON(tr *trace.Trace) jsonScenario {
	s := jsonScenario{Type: "scenario", Origin: [...]string{"run", "live", "capture"}[tr.Origin], Scenario: tr.Scenario, Start: tr.Start,
		Hosts: []jsonHost{}, Conns: []jsonConn{}}
	for _, h := range tr.Hosts {
		s.Hosts = append(s.Hosts, jsonHost{h.Name, h.Addr.String(), net.HardwareAddr(h.MAC[:]).String()})
	}
	for i := range tr.Conns {
		c := &tr.Conns[i]
		proto := "tcp"
		if c.Proto == packets.ProtocolUDP {
			proto = "udp"
		}
		s.Conns = append(s.Conns, jsonConn{proto, [2]string{c.Ends[0].String(), c.Ends[1].String()},
			[2]string{tr.Name(c.Ends[0].Host), tr.Name(c.Ends[1].Host)}, c.ISN})
	}
	return s
}

func callsJSON(enc *json.Encoder, tr *trace.Trace) error {
	for i := range tr.Calls {
		c := &tr.Calls[i]
		err := enc.Encode(jsonCall{"call", tr.Dropped.Calls + i, row(c.Parent), tr.Name(c.Host), c.What, row(c.Conn), span(c.Span), bytesOf(c),
			int64(c.Start), when(c.End), c.Result, c.Note})
		if err != nil {
			return err
		}
	}
	return nil
}

// bytesOf is how many bytes of data a call wrote or was given. The spans of
// other calls are the numbers that SYN and FIN take.
func bytesOf(c *trace.Call) int64 {
	if c.What != "read" && c.What != "write" {
		return 0
	}
	return c.Span.Len()
}

func messagesJSON(enc *json.Encoder, tr *trace.Trace) error {
	for i := range tr.Messages {
		m := &tr.Messages[i]
		j := jsonMessage{Type: "message", ID: tr.Dropped.Messages + i, Parent: row(m.Parent), Kind: m.Kind, From: tr.Name(m.From), To: tr.Name(m.To),
			Size: m.Size, Text: valid(m.Text), Spans: []jsonSpan{}, Sent: when(m.Sent), Arrived: when(m.Arrived)}
		for _, s := range m.Spans {
			j.Spans = append(j.Spans, *span(s))
		}
		if err := enc.Encode(j); err != nil {
			return err
		}
	}
	return nil
}

func packetsJSON(enc *json.Encoder, tr *trace.Trace, events []Event) error {
	t := NewTeller(tr)
	texts := make([]string, len(tr.Packets))
	for i := range events {
		if e := &events[i]; e.Zoom == Packets && e.Kind == Sent {
			texts[e.Row] = e.Text
		}
	}
	for i := range tr.Packets {
		p := &tr.Packets[i]
		j := jsonPacket{"packet", tr.Number(i), p.Nth, tr.Name(p.From), tr.Name(p.To), int64(p.Sent), when(p.Left), when(p.Arrived),
			p.Fate.String(), p.Cause.String(), t.Name(i), texts[i], nil, p.Again, p.Len(), nil}
		if c := p.Conn(); c >= 0 {
			j.Span = span(p.Span)
			if j.Span == nil { // no bytes, but it has a place
				j.Span = &jsonSpan{c, p.Span.Stream.End(), p.Span.Unit, p.Span.Lo, p.Span.Hi}
			}
			j.TCP = tcpJSON(tr, p)
		}
		if err := enc.Encode(j); err != nil {
			return err
		}
	}
	return nil
}

func tcpJSON(tr *trace.Trace, p *trace.Packet) *jsonTCP {
	c, end := &tr.Conns[p.Conn()], p.Span.Stream.End()
	h := packets.Scan(tr.Bytes(p))
	if c.Proto != packets.ProtocolTCP || h.Fragment() {
		return nil
	}
	j := &jsonTCP{Seq: h.Seq - c.ISN[end], Len: h.Len, Flags: []string{}, Window: h.Window}
	if h.Flags.Has(packets.ACK) {
		j.Ack = h.Ack - c.ISN[1-end]
	}
	for i, name := range [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"} {
		if h.Flags.Has(1 << i) {
			j.Flags = append(j.Flags, name)
		}
	}
	return j
}

func samplesJSON(enc *json.Encoder, tr *trace.Trace) error {
	for i := range tr.Samples {
		s := &tr.Samples[i]
		var ssthresh *uint32
		if s.Ssthresh != trace.NoThreshold {
			ssthresh = &s.Ssthresh
		}
		err := enc.Encode(jsonSample{"sample", int64(s.At), s.Conn, tr.Name(tr.Conns[s.Conn].Ends[s.End].Host), s.Cause.String(), s.State.String(),
			s.SndUna, s.SndNxt, s.SndWnd, s.RcvNxt, s.RcvWnd, s.Cwnd, ssthresh, int64(s.RTO), int64(s.SRTT), int64(s.RTTVar), s.Recovery.String()})
		if err != nil {
			return err
		}
	}
	return nil
}

func summaryJSON(tr *trace.Trace) jsonSummary {
	s := Summarise(tr)
	waiting := Waiting(tr)
	if waiting == nil {
		waiting = []string{}
	}
	j := jsonSummary{"summary", s.Packets, s.Bytes, s.Lost, s.Again, s.Calls, int64(s.Took), waiting, tr.Err, s.Dropped, nil}
	if l := tr.Lateness; tr.Origin == trace.Live {
		j.Lateness = &jsonLateness{l.Events, int64(l.Mean), int64(l.P99), int64(l.Max)}
	}
	return j
}

// when is a time, or null if it never was.
func when(d time.Duration) *int64 {
	if d == trace.Never {
		return nil
	}
	return new(int64(d))
}

// row is a row, or null if there is none.
func row(n int32) *int32 {
	if n < 0 {
		return nil
	}
	return &n
}

func span(s trace.Span) *jsonSpan {
	if s.Empty() {
		return nil
	}
	return &jsonSpan{s.Stream.Conn(), s.Stream.End(), s.Unit, s.Lo, s.Hi}
}

// valid cuts text that ends within a character: a row keeps only its beginning.
func valid(s string) string {
	for i := 0; i < utf8.UTFMax && len(s) > 0; i++ {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

// harmless writes JSON so that a terminal shows it as it is. JSON lets
// characters stand in strings that a terminal obeys, such as the bidirectional
// controls; they are written as \u escapes, which mean the same.
type harmless struct{ w io.Writer }

func (h harmless) Write(line []byte) (int, error) {
	clean := 0 // written up to here
	for i := 0; i < len(line); {
		r, n := rune(line[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(line[i:])
		}
		if r < 0x7f || unicode.IsPrint(r) {
			i += n
			continue
		}
		var escape []byte
		for _, unit := range utf16.AppendRune(nil, r) {
			escape = fmt.Appendf(escape, "\\u%04x", unit)
		}
		for _, part := range [][]byte{line[clean:i], escape} {
			if _, err := h.w.Write(part); err != nil {
				return clean, err
			}
		}
		i += n
		clean = i
	}
	if _, err := h.w.Write(line[clean:]); err != nil {
		return clean, err
	}
	return len(line), nil
}
