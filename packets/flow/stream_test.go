package flow_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/packets/flow"
)

// say writes pieces: bytes as they are, gaps as [n], the end as $.
func say(pieces []flow.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.End:
			b.WriteByte('$')
		case p.Gap > 0:
			fmt.Fprintf(&b, "[%d]", p.Gap)
		default:
			b.Write(p.Data)
		}
	}
	return b.String()
}

func TestStream(t *testing.T) {
	type segment struct {
		seq  uint32
		data string
		want string
	}
	const isn = 0xffff_fffc // wraps soon
	for name, segments := range map[string][]segment{
		"in order":                   {{1, "abc", "abc"}, {4, "def", "def"}},
		"a hole is filled":           {{1, "abc", "abc"}, {7, "ghi", ""}, {4, "def", "defghi"}},
		"sent again":                 {{1, "abc", "abc"}, {1, "XYZ", ""}, {2, "XYd", "d"}},
		"the first stays":            {{3, "cd", ""}, {2, "XXXX", ""}, {1, "a", "aXcdX"}},
		"over what is held":          {{3, "c", ""}, {5, "e", ""}, {1, "XXXXXX", "XXXXXX"}},
		"between what is held":       {{3, "c", ""}, {5, "e", ""}, {2, "XXXXX", ""}, {1, "a", "aXcXeX"}},
		"far away":                   {{1, "abc", "abc"}, {1 << 31, "xyz", ""}, {4, "d", "d"}},
		"before the beginning":       {{1, "abc", "abc"}, {isn, "xyzabcd", ""}},
		"the same beginning, longer": {{3, "c", ""}, {3, "Xd", ""}, {1, "ab", "abcd"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := flow.NewStream(1 << 20)
			s.Add(isn, packets.SYN, nil)
			for _, g := range segments {
				if got := say(s.Add(isn+g.seq, packets.ACK, []byte(g.data))); got != g.want {
					t.Errorf("%d %q gave %q, want %q", g.seq, g.data, got, g.want)
				}
			}
		})
	}
}

func TestStreamEnds(t *testing.T) {
	s := flow.NewStream(1 << 20)
	s.Add(99, packets.SYN, nil)
	if got := say(s.Add(103, packets.ACK|packets.FIN, []byte("def"))); got != "" {
		t.Errorf("gave %q before its beginning", got)
	}
	if got := say(s.Add(100, packets.ACK, []byte("abcdefXXX"))); got != "abcdef$" {
		t.Errorf("gave %q", got)
	}
	if got := say(s.Close()); got != "" || s.Delivered() != 6 || s.Missing() != 0 {
		t.Errorf("then %q, %d bytes, %d missing", got, s.Delivered(), s.Missing())
	}
}

// What the receiver has acknowledged and the capture lacks does not come.
func TestStreamWithGaps(t *testing.T) {
	s := flow.NewStream(1 << 20)
	s.Add(99, packets.SYN, nil)
	s.Add(103, packets.ACK, []byte("de"))
	s.Add(107, packets.ACK|packets.FIN, []byte("h"))
	var holes []string
	for from, to := range s.Holes() {
		holes = append(holes, fmt.Sprintf("%d-%d", from, to))
	}
	if got := strings.Join(holes, " "); got != "0-3 5-7" {
		t.Errorf("holes %s", got)
	}
	if got := say(s.Acked(105)); got != "[3]de" {
		t.Errorf("acknowledged: %q", got)
	}
	if got := say(s.Close()); got != "[2]h$" || s.Missing() != 5 {
		t.Errorf("closed: %q, %d missing", got, s.Missing())
	}
}

func TestStreamHoldsLittle(t *testing.T) {
	s := flow.NewStream(1000)
	s.Add(0, packets.SYN, nil)
	given, held := 0, 0
	for i := range 3000 {
		for _, p := range s.Add(uint32(2+2*i), packets.ACK, []byte("x")) {
			given += len(p.Data)
		}
		held = i + 1 - given
		if held > 1000/64+1 {
			t.Fatalf("holds %d pieces after %d", held, i+1)
		}
	}
}

// Whatever the order, the overlaps and the repetitions, what comes out is what
// went in.
func TestStreamOfAnyOrder(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		sent := make([]byte, 1+r.IntN(5000))
		for i := range sent {
			sent[i] = byte(r.Uint32())
		}
		s, isn := flow.NewStream(1<<20), r.Uint32()
		s.Add(isn, packets.SYN, nil)
		var got []byte
		take := func(pieces []flow.Piece) {
			for _, p := range pieces {
				if p.Gap > 0 || p.At != int64(len(got)) {
					t.Fatalf("seed %d: %+v after %d bytes", seed, p, len(got))
				}
				got = append(got, p.Data...)
			}
		}
		for len(got) < len(sent) {
			lo := r.IntN(len(sent))
			hi := min(lo+1+r.IntN(600), len(sent))
			take(s.Add(isn+1+uint32(lo), packets.ACK, sent[lo:hi]))
		}
		if !bytes.Equal(got, sent) {
			t.Fatalf("seed %d: other bytes came out", seed)
		}
	}
}
