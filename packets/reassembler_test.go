package packets

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// bigFrame is a UDP datagram with 3,000 bytes of data in one frame, which no
// Ethernet would carry.
func bigFrame(v6 bool) []byte {
	text := bytes.Repeat([]byte("0123456789abcde\n"), 188)[:3000]
	if v6 {
		return packet6(protocolHopByHop, ext(ProtocolUDP, hopOptions), wire("d9 03 00 07 00 00 00 00"), text)
	}
	return seal(join(udpFrame[:42], text))
}

// cutFrame cuts the IP packet of a frame at these places of its payload.
func cutFrame(frame []byte, id uint32, at ...int) [][]byte {
	v6 := frame[14]>>4 == 6
	head := 34
	if v6 {
		head = 54 + 8 // with the hop-by-hop options, which every piece carries
	}
	payload := frame[head:]
	var pieces [][]byte
	for i, off := range append([]int{0}, at...) {
		end := len(payload)
		if i < len(at) {
			end = at[i]
		}
		pieces = append(pieces, piece(frame[:head], id, off, end < len(payload), payload[off:end]))
	}
	return pieces
}

// piece is one piece of the datagram that begins with the frame's bytes head.
func piece(head []byte, id uint32, off int, more bool, b []byte) []byte {
	if head[14]>>4 == 6 {
		h := patch(head, 54, protocolFragment)
		fragment := binary.BigEndian.AppendUint32(piece6(head[54], off, more)[:4], id)
		return seal6(join(h, fragment, b))
	}
	frag := uint16(off / 8)
	if more {
		frag |= 0x2000
	}
	f := join(patch(head, 18, byte(id>>8), byte(id), byte(frag>>8), byte(frag)), b)
	binary.BigEndian.PutUint16(f[16:], uint16(len(f)-14))
	binary.BigEndian.PutUint16(f[24:], 0)
	binary.BigEndian.PutUint16(f[24:], sum1071(f[14:34]))
	return f
}

// whole is the packet that a datagram comes back as: with IPv4's
// identification and header checksum of its pieces.
func whole(frame []byte, id uint32) []byte {
	if frame[14]>>4 == 6 {
		return frame[14:]
	}
	return piece(frame[:34], id, 0, false, frame[34:])[14:]
}

var versions = map[string]bool{"IPv4": false, "IPv6": true}

func TestPiecesArePutTogetherInWhateverOrderTheyCome(t *testing.T) {
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for name, v6 := range versions {
		frame := bigFrame(v6)
		pieces := cutFrame(frame, 77, 1200, 2400)
		for _, order := range orders {
			var r Reassembler
			for i, n := range order {
				d, ok := r.Add(pieces[n], 100+n, 0)
				switch {
				case i < 2 && ok:
					t.Fatalf("%s, %d: whole after %d pieces", name, order, i+1)
				case i < 2:
					if r.Waiting() != 1 {
						t.Errorf("%s: %d wait", name, r.Waiting())
					}
				case !ok:
					t.Fatalf("%s, %d: not whole", name, order)
				case !bytes.Equal(d.Packet, whole(frame, 77)):
					t.Errorf("%s, %d: got % x, want % x", name, order, d.Packet[:60], whole(frame, 77)[:60])
				case !slices.Equal(d.Pieces, []int{100 + order[0], 100 + order[1], 100 + order[2]}):
					t.Errorf("%s: pieces %d", name, d.Pieces)
				}
			}
			if r.held != 0 || r.Waiting() != 0 || len(r.open) != 0 {
				t.Errorf("%s: %d bytes, %d datagrams are left", name, r.held, r.Waiting())
			}
		}
	}
}

func TestAWholeDatagramIsOpenedAsAPacket(t *testing.T) {
	for name, want := range map[string]string{"IPv4": "ipv4 udp data", "IPv6": "ipv6 ipv6.hopopts udp data"} {
		var r Reassembler
		var d Datagram
		for i, p := range cutFrame(bigFrame(versions[name]), 77, 1200, 2400) {
			d, _ = r.Add(p, i, 0)
		}
		layers := Decode(d.Packet, LinkIP, Context{})
		if got := shape(layers); got != want {
			t.Errorf("%s: %s", name, got)
		}
		if s := tiled(d.Packet, layers); s != "" {
			t.Errorf("%s: %s", name, s)
		}
		for _, key := range []string{"ip.checksum", "udp.checksum"} {
			if f, ok := Find(layers, key); ok && !bytes.HasSuffix([]byte(f.Value), []byte(", right")) {
				t.Errorf("%s: %s is %s", name, key, f.Value)
			}
		}
		if h := ScanIP(d.Packet); h.DstPort != 7 || h.Len != 3000 || h.Fragment() {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func TestPiecesOfDifferentDatagramsAreKeptApart(t *testing.T) {
	for name, v6 := range versions {
		var r Reassembler
		frame := bigFrame(v6)
		other := patch(frame, len(frame)-5, []byte("other")...)
		a, b := cutFrame(frame, 1, 1600), cutFrame(other, 2, 1600)
		for i, p := range [][]byte{a[0], b[1], b[0], a[1]} {
			d, ok := r.Add(p, i, 0)
			if want := map[int][]byte{2: whole(other, 2), 3: whole(frame, 1)}[i]; ok != (want != nil) || !bytes.Equal(d.Packet, want) {
				t.Errorf("%s: piece %d: %v", name, i, ok)
			}
		}
	}
}

func TestWhereIPv4PiecesOverlapTheFirstWins(t *testing.T) {
	frame := bigFrame(false)
	head, payload := frame[:34], frame[34:]
	lie := bytes.Repeat([]byte{'!'}, 800)
	var r Reassembler
	for i, c := range []struct {
		off  int
		more bool
		b    []byte
	}{
		{800, true, payload[800:1600]},
		{400, true, join(payload[400:800], lie)},          // its second half comes too late
		{1200, true, join(lie[:400], payload[1600:2400])}, // and the first half of this
		{800, true, lie},                                  // and all of this
		{0, true, payload[:480]},                          // 400 to 480 come twice
		{2000, true, join(lie[:400], payload[2400:2800])}, // over two chunks
		{2800, false, payload[2800:]},
	} {
		d, ok := r.Add(piece(head, 9, c.off, c.more, c.b), i, 0)
		if last := i == 6; ok != last || last && !bytes.Equal(d.Packet, whole(frame, 9)) {
			t.Fatalf("piece %d: %v, % x", i, ok, d.Packet)
		}
		if ok && !slices.Equal(d.Pieces, []int{0, 1, 2, 4, 5, 6}) {
			t.Errorf("pieces %d", d.Pieces)
		}
	}
}

func TestAnIPv6DatagramWhosePiecesOverlapIsGivenUp(t *testing.T) {
	frame := bigFrame(true)
	head, payload := frame[:62], frame[62:]
	var r Reassembler
	add := func(off int, more bool, b []byte, at time.Duration) bool {
		_, ok := r.Add(piece(head, 9, off, more, b), 0, at)
		return ok
	}
	add(0, true, payload[:800], 0)
	add(792, true, payload[792:1600], 0) // one word too early, though the bytes are the same
	if r.Waiting() != 0 {
		t.Error("still waiting")
	}
	add(0, true, payload[:800], 0)
	if add(800, false, payload[800:], 0) {
		t.Error("pieces that come after the overlap are taken (RFC 5722 section 4)")
	}
	add(0, true, payload[:800], 2*time.Minute)
	if !add(800, false, payload[800:], 2*time.Minute) {
		t.Error("the same number, much later, is a new datagram")
	}
}

func TestAPieceThatComesTwiceDoesNoHarm(t *testing.T) {
	for name, v6 := range versions {
		var r Reassembler
		p := cutFrame(bigFrame(v6), 5, 1600)
		for i := range 3 {
			if _, ok := r.Add(p[0], i, 0); ok {
				t.Fatal(name)
			}
		}
		d, ok := r.Add(p[1], 3, 0)
		if !ok || !slices.Equal(d.Pieces, []int{0, 3}) {
			t.Errorf("%s: %v, pieces %d", name, ok, d.Pieces)
		}
	}
}

func TestADatagramThatTakesTooLongIsGivenUp(t *testing.T) {
	for name, v6 := range versions {
		for _, c := range []struct {
			timeout, after time.Duration
			whole          bool
		}{{0, time.Minute, true}, {0, time.Minute + 1, false}, {time.Second, time.Second, true}, {time.Second, time.Second + 1, false}} {
			r := Reassembler{Timeout: c.timeout}
			p := cutFrame(bigFrame(v6), 5, 1600)
			r.Add(p[0], 0, time.Hour)
			if _, ok := r.Add(p[1], 1, time.Hour+c.after); ok != c.whole {
				t.Errorf("%s, %v after: whole: %v", name, c.after, ok)
			}
		}
		r := Reassembler{}
		r.Add(cutFrame(bigFrame(v6), 5, 1600)[0], 0, 0)
		r.Add(udpFrame, 1, time.Hour) // any frame tells the time
		if r.Waiting() != 0 || r.held != 0 {
			t.Errorf("%s: %d wait, %d bytes", name, r.Waiting(), r.held)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	r := Reassembler{Limit: 20_000}
	frame := bigFrame(false)
	for id := range uint32(1000) {
		r.Add(cutFrame(frame, id, 1600)[0], 0, 0)
		if r.held > r.Limit {
			t.Fatalf("%d bytes are held", r.held)
		}
	}
	if n := r.Waiting(); n < 5 || n > 20_000/1600 {
		t.Errorf("%d wait", n)
	}
	if _, ok := r.Add(cutFrame(frame, 999, 1600)[1], 0, 0); !ok {
		t.Error("the newest was given up")
	}
	if _, ok := r.Add(cutFrame(frame, 0, 1600)[1], 0, 0); ok {
		t.Error("the oldest was kept")
	}
	// Many pieces of 8 bytes cost more than their bytes.
	r = Reassembler{Limit: 20_000}
	for off := 8; off < 3000; off += 16 {
		r.Add(piece(frame[:34], 1, off, true, frame[34:42]), 0, 0)
	}
	if r.held < 187*(8+chunkCost) || r.held > r.Limit {
		t.Errorf("%d bytes are held", r.held)
	}
}

func TestWhatCannotBeAPieceIsNotTaken(t *testing.T) {
	for name, v6 := range versions {
		frame := bigFrame(v6)
		head := frame[:34]
		if v6 {
			head = frame[:62]
		}
		good := cutFrame(frame, 3, 1600)
		for what, f := range map[string][]byte{
			"no multiple of 8": piece(head, 3, 0, true, make([]byte, 15)),
			"empty":            piece(head, 3, 8, true, nil),
			"beyond 65,535":    piece(head, 3, 65528, false, make([]byte, 8)),
			"cut off":          good[1][:1000],
			"no piece":         frame,
			"nothing":          nil,
			"ARP":              arpReplyFrame,
		} {
			var r Reassembler
			if _, ok := r.Add(f, 0, 0); ok || r.Waiting() != 0 {
				t.Errorf("%s, %s: %v, %d wait", name, what, ok, r.Waiting())
			}
		}
	}
	// The first piece must have all headers (RFC 8200 section 4.5).
	short := packet6(protocolFragment, piece6(protocolDestination, 0, true), ext(ProtocolUDP, destOptions)[:8])
	var r Reassembler
	if _, ok := r.Add(short, 0, 0); ok || r.Waiting() != 0 {
		t.Error("a piece without the whole of its headers was taken")
	}
}

func TestAnEndThatMovesIsNotBelieved(t *testing.T) {
	for name, v6 := range versions {
		frame := bigFrame(v6)
		head, payload := frame[:34], frame[34:]
		if v6 {
			head, payload = frame[:62], frame[62:]
		}
		for what, p := range map[string][]byte{
			"another end":  piece(head, 3, 1600, false, payload[1600:2000]),
			"bytes behind": piece(head, 3, 3008, true, payload[:8]),
		} {
			var r Reassembler
			r.Add(piece(head, 3, 1600, false, payload[1600:]), 0, 0)
			r.Add(p, 1, 0)
			// IPv4 goes by the first; IPv6, which never lets pieces differ, gives up.
			if _, ok := r.Add(piece(head, 3, 0, true, payload[:1600]), 2, 0); ok == v6 {
				t.Errorf("%s, %s: whole: %v", name, what, ok)
			}
		}
		var r Reassembler
		r.Add(piece(head, 3, 800, true, payload[800:1600]), 0, 0)
		r.Add(piece(head, 3, 400, false, payload[400:800]), 1, 0) // an end before bytes that are here
		r.Add(piece(head, 3, 0, true, payload[:800]), 2, 0)
		if _, ok := r.Add(piece(head, 3, 1600, false, payload[1600:]), 3, 0); ok == v6 {
			t.Errorf("%s, an end before: whole: %v", name, ok)
		}
	}
}

func TestADatagramThatWouldBeTooLongIsNotMade(t *testing.T) {
	frame := bigFrame(false)
	var r Reassembler
	for off := 0; off < 65528; off += 8192 {
		n := min(8192, 65528-off)
		if _, ok := r.Add(piece(frame[:34], 4, off, off+n < 65528, make([]byte, n)), 0, 0); ok {
			t.Error("20 bytes of header and 65,528 of payload are more than a total length can say")
		}
	}
	if r.held != 0 {
		t.Errorf("%d bytes are held", r.held)
	}
}

// Whatever way a datagram is cut, and in whatever order the pieces come, and
// come again, the same bytes come out.
func TestAnyCutInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		frame := bigFrame(round%2 == 1)
		var at []int
		for off := 8 * (1 + rng.IntN(60)); off < 3008; off += 8 * (1 + rng.IntN(60)) {
			at = append(at, off)
		}
		pieces := cutFrame(frame, uint32(round), at...)
		pieces = append(pieces, pieces[:rng.IntN(len(pieces))]...)
		rng.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		var r Reassembler
		times := 0
		for i, p := range pieces {
			if d, ok := r.Add(p, i, 0); ok {
				times++
				if !bytes.Equal(d.Packet, whole(frame, uint32(round))) {
					t.Fatalf("round %d: other bytes came out", round)
				}
			}
		}
		if times != 1 {
			t.Fatalf("round %d: whole %d times", round, times)
		}
	}
}

func FuzzReassembler(f *testing.F) {
	for _, v6 := range []bool{false, true} {
		var all []byte
		for _, p := range cutFrame(bigFrame(v6), 7, 1600) {
			all = append(all, byte(len(p)>>8), byte(len(p)))
			all = append(all, p...)
		}
		f.Add(all)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Reassembler{Limit: 10_000}
		for i := 0; len(b) > 2; i++ {
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			d, ok := r.Add(b[2:2+n], i, time.Duration(i)*time.Second)
			if ok != (d.Packet != nil) || r.held > r.Limit || r.held < 0 || len(r.open) != r.queue.Len() {
				t.Fatalf("%v, %d bytes held, %d and %d waiting", ok, r.held, len(r.open), r.queue.Len())
			}
			if ok {
				if s := tiled(d.Packet, Decode(d.Packet, LinkIP, Context{})); s != "" {
					t.Error(s)
				}
				if h := ScanIP(d.Packet); !h.OK {
					t.Errorf("the packet cannot be read: %+v", h)
				}
			}
			b = b[2+n:]
		}
	})
}
