package stage

import (
	"fmt"
	"strings"

	"wirelab/osi"
	"wirelab/packets"
	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
	"wirelab/tui/paint"
)

// models say which model's names stand over and under the wagon.
type models uint8

const (
	bothModels models = iota
	onlyOSI
	onlyTCPIP
	manyModels
)

// A car is one header of the chosen packet, or its payload.
type car struct {
	osi, tcpip string
	name       string
	lines      []string // what it says, the most important first
	bytes      int
	role       paint.Role
	data       bool // lines is one text, of the bytes themselves
}

// carsOf lays a packet open: one car a header, in the order of the wire.
func carsOf(tr *trace.Trace, p *trace.Packet) (cars []car) {
	for _, l := range tr.Layers(p) {
		if l.Quoted || l.Len == 0 {
			continue
		}
		c := car{name: l.Name, bytes: l.Len, lines: carLines(&l), role: layerRole(l.Protocol)}
		if place, ok := osi.Place(l.Protocol); ok {
			c.osi, c.tcpip = layerNames(place)
		}
		if l.Protocol == "data" {
			c.name, c.data = "data", true
			if lo, hi := p.Span.Lo, p.Span.Hi; p.Conn() >= 0 && p.Span.Unit == 0 && hi > lo {
				c.name = fmt.Sprintf("bytes %s–%s", group(max(lo, 0)+1), group(max(lo, 0)+int64(l.Len)))
			}
			c.lines = []string{`"` + packets.Text(tr.Bytes(p)[l.Off:l.Off+l.Len], 200) + `"`}
		}
		cars = append(cars, c)
	}
	return cars
}

func layerRole(protocol string) paint.Role {
	place, ok := osi.Place(protocol)
	switch {
	case !ok || protocol == "data":
		return paint.Plain
	case place.TCPIP == 1:
		return paint.Link
	case place.TCPIP == 2:
		return paint.Good
	case place.TCPIP == 3:
		return paint.Client
	}
	return paint.Plain
}

// layerNames are the layers of both models in short: "3 network", "internet".
func layerNames(p osi.Placement) (o, t string) {
	if ls := p.Layers(osi.OSI); len(ls) > 0 {
		l := ls[len(ls)-1]
		o = fmt.Sprintf("%d %s", l.Number, l.Name)
	}
	if ls := p.Layers(osi.TCPIP); len(ls) > 0 {
		t = ls[0].Name
	}
	return o, t
}

// carLines are what matters most of a header, in a few words.
func carLines(l *packets.Layer) []string {
	get := func(key string) string {
		for _, f := range l.Fields {
			if f.Key == key {
				return f.Value
			}
		}
		return ""
	}
	switch l.Protocol {
	case "ethernet":
		return []string{"to   " + get("eth.dst"), "from " + get("eth.src")}
	case "ipv4":
		return []string{"to   " + get("ip.dst"), "from " + get("ip.src") + "  ttl " + get("ip.ttl")}
	case "ipv6":
		return []string{"to   " + get("ipv6.dst"), "from " + get("ipv6.src")}
	case "tcp":
		numbers := "seq " + relative(get("tcp.seq"))
		flags := get("tcp.flags")
		if ack := get("tcp.ack"); ack != "" && strings.Contains(flags, "ACK") {
			numbers += "  ack " + relative(ack)
		}
		return []string{numbers + "  " + flags, "port " + get("tcp.srcport") + " to " + get("tcp.dstport")}
	case "udp":
		return []string{"to port " + get("udp.dstport"), "from port " + get("udp.srcport")}
	}
	return []string{l.Summary}
}

// relative is the number that people count with, of a value such as
// "1,421, absolute 2,782,770,700".
func relative(value string) string {
	n, _, _ := strings.Cut(value, ", ")
	return n
}

// drawWagon draws the chosen packet laid open, with OSI as the ruler above and
// TCP/IP as the one below.
func (s *Stage) drawWagon(a paint.Area) {
	if s.chosen < 0 || a.H() < 5 {
		return
	}
	tr := s.now.tr
	cars := carsOf(tr, &tr.Packets[s.chosen])
	y := 0
	quiet := paint.In(paint.Quiet)
	margin := 8
	if a.W() < 60 {
		margin = 0
	}
	if s.layers != onlyTCPIP {
		if margin > 0 {
			a.Put(1, y, quiet, "OSI")
		}
		y++
	}
	inner := a.H() - 2
	for _, on := range []bool{s.layers != onlyTCPIP, s.layers != onlyOSI} {
		if on {
			inner--
		}
	}
	inner = min(inner, 3)
	x := margin
	widths := carWidths(cars, a.W()-margin)
	a.Fill(x, y, 1, quiet, '┌')
	a.Down(x, y+1, inner, quiet, '│')
	a.Fill(x, y+inner+1, 1, quiet, '└')
	for i := range cars {
		c, w := &cars[i], widths[i]
		top, bottom := '┬', '┴'
		if i == len(cars)-1 {
			top, bottom = '┐', '┘'
		}
		if s.layers != onlyTCPIP {
			a.Cut(x+2, y-1, w-2, paint.Style{}, c.osi)
		}
		a.Fill(x+1, y, w-1, quiet, '─')
		a.Fill(x+w, y, 1, quiet, top)
		a.Put(x+2, y+1, paint.In(c.role).B(), fitting(w-3, c.name, strings.TrimPrefix(c.name, "bytes ")))
		for k, line := range carText(c, w-3, inner-1) {
			a.Cut(x+2, y+2+k, w-2, paint.Style{}, line)
		}
		a.Down(x+w, y+1, inner, quiet, '│')
		a.Fill(x+1, y+inner+1, w-1, quiet, '─')
		a.Cut(x+2, y+inner+1, w-3, quiet, " "+group(int64(c.bytes))+" bytes ")
		a.Fill(x+w, y+inner+1, 1, quiet, bottom)
		if s.layers != onlyOSI {
			a.Cut(x+2, y+inner+2, w-2, paint.Style{}, c.tcpip)
		}
		x += w
	}
	if s.layers != onlyOSI && margin > 0 {
		a.Put(1, y+inner+2, quiet, "TCP/IP")
	}
	a.Click(margin, y, a.W()-margin, inner+2, openChosen{})
}

// carText are the lines that a car has room for. Data is text that goes on from
// line to line.
func carText(c *car, w, h int) []string {
	if h <= 0 {
		return nil
	}
	lines := make([]string, 0, h)
	switch {
	case c.data:
		text := []rune(c.lines[0])
		for len(text) > w && w > 0 && len(lines) < h-1 {
			lines = append(lines, string(text[:w]))
			text = text[w:]
		}
		lines = append(lines, string(text))
	case len(c.lines) == 1:
		lines = append(lines, packets.Wrap(c.lines[0], w)...)
		if len(lines) > h {
			lines[h-1] = paint.Shorten(lines[h-1]+" "+lines[h], w)
		}
	default:
		for _, line := range c.lines {
			lines = append(lines, narrow(line, w))
		}
	}
	return lines[:min(h, len(lines))]
}

// narrow is what has room of a line of parts, which stand two spaces apart: as
// many of the first ones as fit whole, and of a card's address its two ends.
func narrow(line string, w int) string {
	for paint.Width(line) > w {
		i := strings.LastIndex(line, "  ")
		if i < 0 || strings.TrimSpace(line[:i]) == strings.TrimSpace(strings.SplitN(line, " ", 2)[0]) {
			break
		}
		line = line[:i]
	}
	if n := len(line); paint.Width(line) > w && n > cardLen && strings.Count(line[n-cardLen:], ":") == 5 {
		mac := line[n-cardLen:]
		return line[:n-cardLen] + mac[:5] + ":…:" + mac[cardLen-2:]
	}
	return line
}

const cardLen = len("02:00:00:00:00:01")

// carWidths deals w columns out to cars: each what it needs, as far as there is
// room, and the last one the rest.
func carWidths(cars []car, w int) []int {
	widths := make([]int, len(cars))
	total := 1
	for i := range cars {
		c := &cars[i]
		need := max(paint.Width(c.osi), paint.Width(c.name), paint.Width(c.tcpip), len(" 1,460 bytes "))
		for _, l := range c.lines {
			need = max(need, min(paint.Width(l), 30))
		}
		widths[i] = need + 3
		total += widths[i]
	}
	for total > w && len(cars) > 0 { // the widest gives first
		widest := 0
		for i := range widths {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= 4 {
			break
		}
		widths[widest]--
		total--
	}
	if n := len(widths); n > 0 && total < w {
		widths[n-1] += w - total
	}
	return widths
}

// about says in a line of w columns what the chosen packet is and where.
func (s *Stage) about(w int) string {
	p := &s.now.tr.Packets[s.chosen]
	headers := p.Len()
	for _, c := range carsOf(s.now.tr, p) {
		if c.role == paint.Plain {
			headers -= c.bytes
		}
	}
	words := fmt.Sprintf("%s; a frame of %s bytes", s.whereabouts(s.chosen), group(int64(p.Len())))
	if headers == p.Len() {
		return fitting(w, words)
	}
	share := 100 * float64(headers) / float64(p.Len())
	return fitting(w, fmt.Sprintf("%s, %d of them headers (%.1f%%)", words, headers, share),
		fmt.Sprintf("%s, %.1f%% headers", words, share), words)
}

// theHost is a host in a sentence: "the server", but "router1".
func theHost(tr *trace.Trace, h uint16) string {
	name := tr.Name(h)
	if n := len(name); n > 0 && name[n-1] >= '0' && name[n-1] <= '9' {
		return name
	}
	return "the " + name
}

// whereabouts says where a packet is at this moment.
func (s *Stage) whereabouts(row int) string {
	tr, t := s.now.tr, s.tell
	p := &tr.Packets[row]
	from, to := theHost(tr, p.From), theHost(tr, p.To)
	switch {
	case !t.Sent(row, s.at):
		return "not sent yet"
	case t.Landed(row, s.at) && p.Fate == trace.Delivered:
		return "arrived at " + to
	case t.Landed(row, s.at):
		return fmt.Sprintf("arrived at %s, %s", to, lostWord(p.Fate))
	}
	f, there := s.flight(row)
	will := ""
	if p.Arrived == trace.Never && p.Fate.Lost() {
		will = "; it will be lost"
	}
	switch {
	case !there || f.Lost:
		return lostWord(p.Fate)
	case f.Waiting:
		return "waiting for the wire at " + from + will
	case f.Part < 0.25:
		return "just sent by " + from + will
	case f.Part > 0.75:
		return "nearly at " + to + will
	}
	return "on its way to " + to + will
}

// flight is where on its cable a packet is, if it is on one.
func (s *Stage) flight(row int) (scene.Flight, bool) {
	p := &s.now.tr.Packets[row]
	for _, f := range s.now.scene.UnderWay(scene.Between(p.From, p.To), s.at) {
		if f.Row == row {
			return f, true
		}
	}
	return scene.Flight{}, false
}

// label is what a packet is called on the cable and everywhere else.
func label(t *story.Teller, row int) string {
	if n := t.Name(row); n != "" {
		return n
	}
	return t.Label(row)
}
