package websocket

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// frame makes the bytes of one frame; a key masks it.
func frame(first byte, payload string, key ...byte) string {
	b := []byte{first}
	mask := byte(0)
	if key != nil {
		mask = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	}
	body := []byte(payload)
	if key != nil {
		b = append(b, key...)
		Mask([4]byte(key), 0, body)
	}
	return string(append(b, body...))
}

// The first bytes of frames.
const (
	finText    = 0x81
	finBinary  = 0x82
	firstText  = 0x01
	middle     = 0x00
	last       = 0x80
	finClose   = 0x88
	finPing    = 0x89
	finPong    = 0x8a
	compressed = 0x40 // RSV1
)

// said is what a Reader finds in bytes that come in pieces, and what it says of
// each frame.
func said(client, deflate bool, pieces ...string) (frames []string) {
	r := NewReader(client, deflate)
	var payload []byte
	for _, piece := range pieces {
		b := []byte(piece)
		for {
			n, part, data := r.Next(b)
			b = b[n:]
			if part == More {
				break
			}
			switch part {
			case Head:
				payload = nil
			case Data:
				payload = append(payload, data...)
			case End:
				op, packed := r.Message()
				f := r.Frame()
				line := fmt.Sprintf("%v of %v %q", f.Opcode, op, payload)
				if packed {
					line += " compressed"
				}
				if !f.Fin {
					line += " and more"
				}
				if c := r.Code(); c != 0 {
					line += fmt.Sprintf(" code %d", c)
				}
				if trouble := r.Trouble(); trouble != "" {
					line += " WRONG " + trouble
				}
				frames = append(frames, line)
			case Bad:
				return append(frames, "stops: "+r.Err().Error())
			}
		}
	}
	if here, missing := r.Pending(); here > 0 {
		frames = append(frames, fmt.Sprintf("%d here, %d missing", here, missing))
	}
	return frames
}

// raw cuts a string into its bytes; strings.Split would cut at characters.
func raw(s string) (pieces []string) {
	for i := range len(s) {
		pieces = append(pieces, s[i:i+1])
	}
	return pieces
}

func TestFramesOfTheRFC(t *testing.T) { // RFC 6455 section 5.7
	for _, c := range []struct {
		name   string
		client bool
		bytes  string
		want   []string
	}{
		{"a text message that is not masked", false,
			"\x81\x05" + // FIN, text; 5 bytes
				"\x48\x65\x6c\x6c\x6f", []string{`text of text "Hello"`}},
		{"the same, masked", true,
			"\x81\x85" + // FIN, text; masked, 5 bytes
				"\x37\xfa\x21\x3d" + // key
				"\x7f\x9f\x4d\x51\x58", []string{`text of text "Hello"`}},
		{"in two fragments", false,
			"\x01\x03\x48\x65\x6c" + // text, more follows
				"\x80\x02\x6c\x6f", // FIN, continuation
			[]string{`text of text "Hel" and more`, `continuation of text "lo"`}},
		{"a ping, and its answer with the key of the client", false,
			"\x89\x05\x48\x65\x6c\x6c\x6f", []string{`ping of ping "Hello"`}},
		{"the masked pong", true,
			"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", []string{`pong of pong "Hello"`}},
		{"256 bytes", false, "\x82\x7e\x01\x00" + strings.Repeat("x", 256), []string{fmt.Sprintf("binary of binary %q", strings.Repeat("x", 256))}},
		{"64 KiB", false, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + strings.Repeat("x", 1<<16), []string{fmt.Sprintf("binary of binary %q", strings.Repeat("x", 1<<16))}},
	} {
		for _, pieces := range [][]string{{c.bytes}, raw(c.bytes)} {
			if got := said(c.client, false, pieces...); !slices.Equal(got, c.want) {
				t.Errorf("%s, in %d pieces: %.200q, want %.200q", c.name, len(pieces), got, c.want)
			}
		}
	}
}

func TestHeaderAtTheEdgesOfItsLength(t *testing.T) {
	for _, c := range []struct{ n, plain, masked int }{
		{0, 2, 6}, {5, 2, 6}, {125, 2, 6}, {126, 4, 8}, {65535, 4, 8}, {65536, 10, 14},
	} {
		for _, key := range [][]byte{nil, {1, 2, 3, 4}} {
			b := frame(finBinary, strings.Repeat("x", c.n), key...)
			want := c.plain
			if key != nil {
				want = c.masked
			}
			h, err := ParseHeader([]byte(b))
			if err != nil || h.Size != want || h.Len != uint64(c.n) {
				t.Errorf("%d bytes, key %v: header of %d bytes for %d, %v; want %d", c.n, key, h.Size, h.Len, err, want)
			}
			for n := range want {
				if h, err := ParseHeader([]byte(b[:n])); h.Size != 0 || err != nil {
					t.Errorf("%d bytes, key %v: a header in its first %d bytes", c.n, key, n)
				}
			}
		}
	}
}

func TestMaskFromAnyByteOn(t *testing.T) {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	plain := []byte("The quick brown fox jumps over the lazy dog")
	for at := range 9 {
		for n := range len(plain) {
			b := slices.Clone(plain[:n])
			Mask(key, uint64(at), b)
			for i := range b {
				if want := plain[i] ^ key[(at+i)%4]; b[i] != want {
					t.Fatalf("byte %d of %d from %d on: %02x, want %02x", i, n, at, b[i], want)
				}
			}
		}
	}
}

func TestWhatBreaksARuleIsSaidAndReadingGoesOn(t *testing.T) {
	const fails = ": a receiver fails the connection with code "
	for _, c := range []struct {
		name    string
		client  bool
		deflate bool
		bytes   string
		want    string // the last line
	}{
		{"a client that does not mask", true, false, frame(finText, "a"),
			`text of text "a" WRONG a client must mask its frames, and this one is not (RFC 6455 section 5.1)` + fails + "1002"},
		{"a server that masks", false, false, frame(finText, "a", 1, 2, 3, 4),
			`text of text "a" WRONG a server must not mask its frames, and this one is (RFC 6455 section 5.1)` + fails + "1002"},
		{"RSV1 without an agreement", false, false, frame(finText|compressed, "a"),
			`text of text "a" WRONG RSV1 is set, and nothing was agreed that gives it a meaning (RFC 6455 section 5.2)` + fails + "1002"},
		{"RSV1 with one", false, true, frame(finText|compressed, "\xff"), `text of text "\xff" compressed`},
		{"RSV1 in a later frame", false, true, frame(firstText|compressed, "a") + frame(last|compressed, "b"),
			`continuation of text "b" compressed WRONG RSV1 is set, which only the first frame of a message may have (RFC 7692 section 6.1)` + fails + "1002"},
		{"RSV1 in a ping", false, true, frame(finPing|compressed, "a"),
			`ping of ping "a" WRONG RSV1 is set, and a control frame is never compressed (RFC 7692 section 6.1)` + fails + "1002"},
		{"RSV2 and RSV3", false, false, frame(finText|0x30, "a"),
			`text of text "a" WRONG RSV2 is set, and nothing was agreed that gives it a meaning (RFC 6455 section 5.2); RSV3 is set, and nothing was agreed that gives it a meaning (RFC 6455 section 5.2)` + fails + "1002"},
		{"a reserved opcode", false, false, frame(0x83, "a"),
			`reserved opcode 3 of reserved opcode 3 "a" WRONG reserved opcode 3 has no meaning (RFC 6455 section 5.2)` + fails + "1002"},
		{"a reserved opcode of a control frame", false, false, frame(0x8b, "a"),
			`reserved opcode 11 of reserved opcode 11 "a" WRONG reserved opcode 11 has no meaning (RFC 6455 section 5.2)` + fails + "1002"},
		{"a ping in fragments", false, false, frame(0x09, "a"),
			`ping of ping "a" and more WRONG a control frame must not be fragmented (RFC 6455 section 5.5)` + fails + "1002"},
		{"a ping that is too long", false, false, frame(finPing, strings.Repeat("x", 126)),
			fmt.Sprintf("ping of ping %q WRONG a control frame has at most 125 bytes of payload (RFC 6455 section 5.5)%s1002", strings.Repeat("x", 126), fails)},
		{"a continuation of nothing", false, false, frame(last, "a"),
			`continuation of continuation "a" WRONG it continues a message, and none has begun (RFC 6455 section 5.4)` + fails + "1002"},
		{"a continuation behind the last one", false, false, frame(finText, "a") + frame(last, "a"),
			`continuation of continuation "a" WRONG it continues a message, and none has begun (RFC 6455 section 5.4)` + fails + "1002"},
		{"a message within another", false, false, frame(firstText, "a") + frame(finBinary, "b"),
			`binary of binary "b" WRONG it begins a message before the one before it has ended (RFC 6455 section 5.4)` + fails + "1002"},
		{"a length with more bytes than it needs", false, false, "\x81\x7e\x00\x01a",
			`text of text "a" WRONG its length is written with more bytes than it needs (RFC 6455 section 5.2)` + fails + "1002"},
		{"a length that cannot be", false, false, "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00a",
			"stops: the highest bit of its 64-bit length is set (RFC 6455 section 5.2): where it ends cannot be told"},
		{"text that is no UTF-8", false, false, frame(finText, "a\xc0\xafb"),
			`text of text "a\xc0\xafb" WRONG its text is no UTF-8, whatever follows (RFC 6455 section 8.1)` + fails + "1007"},
		{"text that ends within a character", false, false, frame(finText, "\xe2\x82"),
			`text of text "\xe2\x82" WRONG its text ends within a character of UTF-8 (RFC 6455 section 8.1)` + fails + "1007"},
		{"a surrogate", false, false, frame(finText, "\xed\xa0\x80"),
			`text of text "\xed\xa0\x80" WRONG its text is no UTF-8, whatever follows (RFC 6455 section 8.1)` + fails + "1007"},
		{"a character across frames", false, false, frame(firstText, "\xe2") + frame(middle, "\x82") + frame(finPing, "\xff") + frame(last, "\xac"),
			`continuation of text "\xac"`},
		{"a wrong character across frames", false, false, frame(firstText, "\xe2") + frame(last, "a"),
			`continuation of text "a" WRONG its text is no UTF-8, whatever follows (RFC 6455 section 8.1)` + fails + "1007"},
		{"what is wrong with a text is said once", false, false, frame(firstText, "\xff") + frame(last, "\xff"), `continuation of text "\xff"`},
		{"bytes need not be UTF-8", false, false, frame(finBinary, "\xff"), `binary of binary "\xff"`},
		{"a close without a code", false, false, frame(finClose, ""), `close of close ""`},
		{"a close with a code and a reason", false, false, frame(finClose, "\x03\xe8bye"), `close of close "\x03\xe8bye" code 1000`},
		{"half a code", false, false, frame(finClose, "\x03"),
			`close of close "\x03" WRONG a code takes two bytes, and here is one (RFC 6455 section 5.5.1)` + fails + "1002"},
		{"a code that no frame may carry", false, false, frame(finClose, "\x03\xed"),
			`close of close "\x03\xed" code 1005 WRONG no frame may carry the code 1005 (RFC 6455 section 7.4)` + fails + "1002"},
		{"a reason that is no UTF-8", false, false, frame(finClose, "\x03\xe8\xff"),
			`close of close "\x03\xe8\xff" code 1000 WRONG its reason is no UTF-8 (RFC 6455 section 5.5.1)` + fails + "1007"},
		{"what comes behind a close", false, false, frame(finClose, "") + frame(finText, "a"),
			`text of text "a" WRONG it comes behind a close frame, after which nothing is read (RFC 6455 section 5.5.1)` + fails + "1002"},
		{"a frame that is not whole", false, false, frame(finText, "hello")[:4], "4 here, 3 missing"},
		{"a header that is not whole", false, false, "\x81", "1 here, 1 missing"},
	} {
		for _, pieces := range [][]string{{c.bytes}, raw(c.bytes)} {
			got := said(c.client, c.deflate, pieces...)
			if len(got) == 0 || got[len(got)-1] != c.want {
				t.Errorf("%s, in %d pieces:\n got %q\nwant %q", c.name, len(pieces), got, c.want)
			}
		}
	}
}

func TestCodesThatAFrameMayCarry(t *testing.T) {
	may := map[uint16]bool{1000: true, 1001: true, 1002: true, 1003: true, 1007: true, 1008: true, 1009: true, 1010: true, 1011: true, 1012: true, 1013: true, 1014: true}
	for n := range 1 << 16 {
		want := may[uint16(n)] || n >= 3000 && n < 5000
		if got := Sendable(uint16(n)); got != want {
			t.Errorf("code %d: %v, want %v", n, got, want)
		}
	}
}

func TestGapsWithinAPayloadDoNotMatter(t *testing.T) {
	b := []byte(frame(finText, "hello, world") + frame(finText, "next"))
	r := NewReader(false, false)
	n, part, _ := r.Next(b[:2])
	if n != 2 || part != Head {
		t.Fatalf("%d bytes, %v", n, part)
	}
	r.Skip(12)
	if _, part, _ := r.Next(nil); part != End || r.Trouble() != "" {
		t.Fatalf("behind the gap: %v, %q, want the end of the frame", part, r.Trouble())
	}
	if _, part, _ := r.Next(b[14:]); part != Head {
		t.Errorf("behind the frame: %v, want the next one", part)
	}
	r.Skip(5)
	if _, part, _ := r.Next(nil); part != Bad {
		t.Errorf("behind a gap that takes the next header: %v, want the end", part)
	}
}

func TestTheKeyAndTheAnswerOfTheRFC(t *testing.T) { // RFC 6455 section 1.3
	const key, want = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
	if got := Accept(key); got != want {
		t.Errorf("the answer to %s is %s, want %s", key, got, want)
	}
	if err := CheckKey(key); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"", "dGhlIHNhbXBsZSBub25jZQ", "c2hvcnQ=", "dGhlIHNhbXBsZSBub25jZQ==\n"} {
		if CheckKey(wrong) == nil {
			t.Errorf("%q was taken for a key", wrong)
		}
	}
	for _, s := range []string{SayKey(key), SayAccept(want, key)} {
		if !strings.Contains(s, "b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea") || !strings.Contains(s, want) {
			t.Errorf("the sum is not worked out: %s", s)
		}
	}
	if s := SayAccept("x"+want, key); !strings.HasPrefix(s, "This is not the answer") {
		t.Errorf("a wrong answer: %s", s)
	}
}

func TestCompressedMessagesOfTheRFC(t *testing.T) { // RFC 7692 section 7.2.3
	f := NewInflater(100, false)
	for i, packed := range []string{
		"\xf2\x48\xcd\xc9\xc9\x07\x00",                         // 7.2.3.1: one block
		"\xf2\x00\x11\x00\x00",                                 // 7.2.3.2: it refers to the one before
		"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",         // 7.2.3.3: without compression
		"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",                     // 7.2.3.4: a block with BFINAL
		"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", // 7.2.3.5: two blocks
	} {
		if got, err := f.Message([]byte(packed)); err != nil || string(got) != "Hello" {
			t.Errorf("message %d: %q, %v", i+1, got, err)
		}
	}
	alone := NewInflater(100, true)
	if got, err := alone.Message([]byte("\xf2\x00\x11\x00\x00")); err == nil {
		t.Errorf("one that refers to what was forgotten: %q", got)
	}
	if got, err := alone.Message([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00")); err != nil || string(got) != "Hello" {
		t.Errorf("behind it: %q, %v", got, err)
	}
	f.Lose()
	if got, err := f.Message([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00")); err == nil {
		t.Errorf("behind one that is lost: %q", got)
	}
	if got, err := NewInflater(4, false).Message([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00")); err == nil {
		t.Errorf("5 bytes where 4 are the limit: %q", got)
	}
}

// stream makes frames at random, some of them wrong.
func stream(rng *rand.Rand) string {
	var b strings.Builder
	for range 1 + rng.IntN(8) {
		firsts := []byte{finText, finBinary, firstText, middle, last, finClose, finPing, finPong, 0x83, finText | compressed}
		var key []byte
		if rng.IntN(3) > 0 {
			key = []byte{byte(rng.Uint32()), 2, 3, 4}
		}
		payload := strings.Repeat("aé\xff", rng.IntN(60))
		b.WriteString(frame(firsts[rng.IntN(len(firsts))], payload[:rng.IntN(len(payload)+1)], key...))
	}
	return b.String()[:b.Len()-rng.IntN(2)]
}

func TestFramesDoNotDependOnThePieces(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 0))
		s := stream(rng)
		want := said(true, true, s)
		if got := said(true, true, raw(s)...); !slices.Equal(got, want) {
			t.Fatalf("seed %d, byte by byte:\n%q\nwant\n%q", seed, got, want)
		}
	}
}
