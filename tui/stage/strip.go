package stage

import (
	"fmt"
	"strings"

	"wirelab/story/scene"
	"wirelab/trace"
	"wirelab/tui/paint"
)

// said is what the strip shows: what the chosen packet carries bytes of, or what
// was said last.
func (s *Stage) said() (trace.Ref, bool) {
	if s.row >= 0 && s.zoom != packetsZoom {
		if ref, ok := s.ofRow(); ok {
			return ref, true
		}
	}
	if s.chosen >= 0 {
		if refs := s.now.scene.Carries(s.chosen); len(refs) > 0 {
			return refs[len(refs)-1], true
		}
	}
	which := scene.All()
	if s.conn >= 0 {
		which = scene.OfConn(s.conn)
	}
	return s.now.scene.Current(which, s.at)
}

// ofRow is what the chosen row of the zoom says: a message, or a write.
func (s *Stage) ofRow() (trace.Ref, bool) {
	if s.zoom == messagesZoom {
		return trace.Ref{Table: trace.Messages, Row: s.row}, true
	}
	rows := s.now.scene.MessagesOn(s.now.tr.Calls[s.row].Span)
	if len(rows) == 0 {
		return trace.Ref{}, false
	}
	return trace.Ref{Table: trace.Messages, Row: rows[0]}, true
}

// drawStrip draws the application's bytes, cut into segments, as both ends see
// them at this moment. They may disagree, and both are right.
func (s *Stage) drawStrip(a paint.Area, long bool) {
	ref, ok := s.said()
	if !ok || a.H() < 2 {
		return
	}
	head := 0
	if a.H() > 2 {
		head = 1
	}
	labelW := 10
	if long {
		labelW = 19
	} else if a.W() < 60 {
		labelW = 6
	}
	room := a.W() - labelW - 1
	v := s.now.scene.Strip(ref, s.at, max(1, room/pieceWidth(a.W(), 1, 0)))
	if left, right := sumWidth(&v.Left, true), sumWidth(&v.Right, false); left+right > 0 {
		// Sums need room, and of many pieces the names and numbers are longer.
		room := room - left - right
		v = s.now.scene.Strip(ref, s.at, max(1, room/pieceWidth(a.W(), pieces(&v), v.Size)))
	}
	if head == 1 {
		a.Put(1, 0, paint.In(paint.Quiet), s.stripTitle(&v, a.W()-2))
	}
	names := [2]string{"sent", "received"}
	if labelW == 6 {
		names[1] = "got"
	} else if long {
		names = [2]string{s.now.tr.Name(v.From) + " sent", s.now.tr.Name(v.To) + " received"}
	}
	a.Cut(1, head, labelW-2, paint.In(s.roleOf(v.From)).B(), names[0])
	a.Cut(1, head+1, labelW-2, paint.In(s.roleOf(v.To)).B(), names[1])
	s.drawPieces(a.Sub(labelW, head, room, a.H()-head), &v)
}

// pieceWidth is the least width of a piece of a message of so many pieces and bytes.
func pieceWidth(w, pieces int, size int64) int {
	letters := 1
	for ; pieces > 23; pieces /= 23 { // names go on with AA, AB
		letters++
	}
	switch {
	case w >= 110: // its first byte stands below
		return max(8+letters, paint.Width(group(size))+2)
	case w >= 60:
		return 6 + letters
	}
	return 4 + letters
}

// pieces is how many pieces a strip has in all.
func pieces(v *scene.Strip) int { return len(v.Pieces) + v.Left.Pieces + v.Right.Pieces }

// stripTitle says what the strip shows, in w columns.
func (s *Stage) stripTitle(v *scene.Strip, w int) string {
	kind := "write"
	if v.Of.Table == trace.Messages {
		kind = s.now.tr.Messages[v.Of.Row].Kind
	}
	text := fmt.Sprintf("one %s of %s bytes", kind, group(v.Size))
	if v.Size == 1 {
		text = fmt.Sprintf("one %s of 1 byte", kind)
	}
	n := pieces(v)
	switch {
	case v.UDP && n > 1:
		in := fmt.Sprintf("%s in %d fragments", text, n)
		return fitting(w, in+": without one of them all is lost", in, text)
	case v.UDP:
		return fitting(w, text+": it arrives whole, or not at all", text+": whole, or not at all", text)
	case n > 1:
		return fitting(w, text+", cut where a segment is full, not where a sentence ends", text+", cut where a segment is full", text)
	}
	return fitting(w, text)
}

// drawPieces draws the pieces of a strip side by side, and at both sides the sum
// of those for which there is no room.
func (s *Stage) drawPieces(a paint.Area, v *scene.Strip) {
	x := 0
	if v.Left.Pieces > 0 {
		x = drawSum(a, 0, &v.Left, true)
	}
	room := a.W() - x
	if v.Right.Pieces > 0 {
		room -= sumWidth(&v.Right, false)
	}
	n := len(v.Pieces)
	for i := range v.Pieces {
		w := room / (n - i)
		s.drawPiece(a.Sub(x, 0, w, a.H()), v, i)
		x += w
		room -= w
	}
	if v.Right.Pieces > 0 {
		drawSum(a, x+1, &v.Right, false)
	}
}

func sumWords(v *scene.Sum, left bool) (sent, got string) {
	n := group(int64(v.Pieces))
	if left {
		sent = fmt.Sprintf("%s acked", group(int64(v.Acknowledged)))
		got = fmt.Sprintf("%s here", group(int64(v.Delivered)))
		return sent, got
	}
	return "+" + n + " more", "+" + n + " more"
}

func sumWidth(v *scene.Sum, left bool) int {
	if v.Pieces == 0 {
		return 0
	}
	a, b := sumWords(v, left)
	return max(paint.Width(a), paint.Width(b)) + 1
}

func drawSum(a paint.Area, x int, v *scene.Sum, left bool) int {
	sent, got := sumWords(v, left)
	a.Put(x, 0, paint.In(paint.Quiet), sent)
	a.Put(x, 1, paint.In(paint.Quiet), got)
	return x + max(paint.Width(sent), paint.Width(got)) + 1
}

// drawPiece draws one piece at both ends, and its first and last byte below if
// there is room.
func (s *Stage) drawPiece(a paint.Area, v *scene.Strip, i int) {
	p, last := &v.Pieces[i], i == len(v.Pieces)-1
	if p.Row >= 0 {
		a.Click(0, 0, a.W(), 2, packetTarget(p.Row))
	}
	w := a.W()
	if !last {
		a.Down(w-1, 0, min(a.H(), 3), paint.In(paint.Quiet), '│')
		w--
	}
	name := s.pieceName(v, i)
	sign, role, word := sentLook(p, v.UDP)
	if p.Sent == scene.NoAck && p.Times > 1 && 2*(paint.Width(word)+1) > w-paint.Width(name) {
		word = fmt.Sprintf("×%d", p.Times)
	}
	drawSide(a.Rows(0, 1), w, name, sign, role, word, s.piecePicked(p))
	sign, role, word = gotLook(p)
	drawSide(a.Rows(1, 1), w, name, sign, role, word, s.piecePicked(p))
	if a.H() > 2 {
		from, to := group(p.Span.Lo+1), group(p.Span.Hi)
		if from != to && paint.Width(from)+paint.Width(to)+1 <= w {
			a.Put(0, 2, paint.In(paint.Quiet), from)
			a.Right(w, 2, paint.In(paint.Quiet), to)
		} else {
			a.Put(0, 2, paint.In(paint.Quiet), from)
		}
	}
}

// pieceName is what piece i of those in v is called. What was never sent has no
// name; fragments, which are all called pieces of their datagram, are counted.
func (s *Stage) pieceName(v *scene.Strip, i int) string {
	p := &v.Pieces[i]
	switch {
	case v.UDP && pieces(v) > 1:
		return group(int64(v.Left.Pieces + i + 1))
	case p.Name != "":
		return p.Name
	case p.Row >= 0:
		return s.tell.Label(p.Row)
	}
	return "-"
}

// drawSide draws a piece as one end has it: its name, its bytes, and in a word
// how they are, as far as there is room.
func drawSide(a paint.Area, w int, name string, sign rune, role paint.Role, word string, chosen bool) {
	style := paint.In(role)
	nameStyle := paint.Strong
	if chosen {
		nameStyle = nameStyle.R()
	}
	x := a.Cut(0, 0, w, nameStyle, name)
	if w > 12 {
		x++
	}
	bar := w - x
	if rest := bar - paint.Width(word) - 1; rest >= 2 {
		bar = min(rest, w/2)
	} else {
		word = ""
	}
	a.Fill(x, 0, bar, style, sign)
	if word != "" {
		a.Put(x+bar+1, 0, style, word)
	}
}

// sentLook is how a piece looks at the sender.
func sentLook(p *scene.Piece, udp bool) (sign rune, role paint.Role, word string) {
	switch p.Sent {
	case scene.Acknowledged:
		return '█', paint.Good, "acked"
	case scene.NoAck:
		word = "no ack yet"
		switch {
		case udp: // and none will come
			word = "sent"
		case p.Times > 1:
			word = times(p.Times)
		}
		return '▒', paint.Waiting, word
	case scene.Unsent:
		return '░', paint.Quiet, "not sent yet"
	}
	return ' ', paint.Quiet, "not written"
}

func times(n int) string {
	if n == 2 {
		return "sent twice"
	}
	return fmt.Sprintf("sent %d times", n)
}

// gotLook is how a piece looks at the receiver. That it is lost is the truth,
// which neither end knows.
func gotLook(p *scene.Piece) (sign rune, role paint.Role, word string) {
	switch p.Got {
	case scene.Read:
		return '█', paint.Good, "read"
	case scene.InOrder:
		return '█', paint.Good, "delivered"
	case scene.Kept:
		return '▓', paint.Waiting, "kept"
	case scene.ThrownOut:
		return '╳', paint.Lost, "thrown away"
	}
	if p.Lost {
		return '╳', paint.Lost, "lost"
	}
	if p.Got == scene.Wanted {
		return '░', paint.Quiet, "wanted next"
	}
	return '░', paint.Quiet, "not yet"
}

// piecePicked says whether a piece is the chosen packet's.
func (s *Stage) piecePicked(p *scene.Piece) bool {
	return s.chosen >= 0 && p.Row >= 0 && (p.Row == s.chosen || s.now.tr.Packets[s.chosen].Span.Overlaps(p.Span))
}

// drawMessage draws the whole message, a line a piece, when the strip is large.
func (s *Stage) drawMessage(a paint.Area) {
	ref, ok := s.said()
	if !ok {
		a.Put(1, 1, paint.In(paint.Quiet), "No message is under way.")
		return
	}
	v := s.now.scene.Strip(ref, s.at, a.H()-4)
	a.Put(1, 0, paint.In(paint.Quiet), s.stripTitle(&v, a.W()-2))
	narrow := a.W() < 70
	head := []string{"piece", "bytes", s.now.tr.Name(v.From) + " sent", s.now.tr.Name(v.To) + " received"}
	cols := []int{1, 9, 32, 32 + (a.W()-32)/2}
	if narrow {
		head[1] = ""
		cols = []int{1, 9, 9, 9 + (a.W()-9)/2}
	}
	for i, h := range head {
		a.Cut(cols[i], 1, a.W()-cols[i], paint.Strong, h)
	}
	y := 2
	sum := func(w *scene.Sum, words string) {
		if w.Pieces > 0 {
			n, acked, here := group(int64(w.Pieces)), group(int64(w.Acknowledged)), group(int64(w.Delivered))
			a.Put(1, y, paint.In(paint.Quiet), fitting(a.W()-2,
				fmt.Sprintf("%s pieces %s, %s bytes: %s acknowledged, %s delivered", n, words, group(w.Bytes), acked, here),
				fmt.Sprintf("%s %s: %s acked, %s here", n, words, acked, here)))
			y++
		}
	}
	sum(&v.Left, "before")
	for i := range v.Pieces {
		p := &v.Pieces[i]
		name := s.pieceName(&v, i)
		style := paint.Strong
		if s.piecePicked(p) {
			style = style.R()
			a.Put(0, y, paint.In(paint.Client), "▌")
			a.Cursor(0, y)
		}
		a.Cut(cols[0], y, cols[1]-2, style, name)
		if !narrow {
			a.Put(cols[1], y, paint.In(paint.Quiet), group(p.Span.Lo+1)+"–"+group(p.Span.Hi))
		}
		for k := range 2 {
			sign, role, word := sentLook(p, v.UDP)
			if k == 1 {
				sign, role, word = gotLook(p)
			}
			end, signs := a.W(), 6
			if k == 0 {
				end = cols[3] - 1
			}
			if narrow {
				signs = 3
			}
			x := a.Put(cols[2+k], y, paint.In(role), strings.Repeat(string(sign), signs))
			a.Cut(x+1, y, end-x-1, paint.In(role), word)
		}
		if p.Row >= 0 {
			a.Click(0, y, a.W(), 1, packetTarget(p.Row))
		}
		y++
	}
	sum(&v.Right, "behind")
}
