package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// start is when the first packet of the tests was captured.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// sample are records with all that one can have.
func sample() []Record {
	return []Record{
		{Card: 0, At: start, Direction: Outbound, Frame: []byte("a frame of 20 bytes!")},
		{Card: 1, At: start.Add(1), Direction: Inbound, Frame: []byte("odd")},
		{Card: 0, At: start.Add(40_118_401), Frame: bytes.Repeat([]byte{0xff}, 1514), Comment: "lost, zwölf, 日本\nsecond line"},
		{Card: 1, At: start.Add(40_118_402), Direction: Outbound, Frame: []byte{0}, Comment: "."},
		{Card: 1, At: start.Add(10_000*time.Hour + 1), Direction: Inbound, Frame: bytes.Repeat([]byte{1, 2, 3}, 20_000)},
	}
}

func encode(t testing.TB, s Section, cards []string, records []Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, s, cards...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// decode reads a file to its end, or to its first error.
func decode(r io.Reader) (s Section, cards []string, records []Record, err error) {
	file, err := NewReader(r)
	if err != nil {
		return s, nil, nil, err
	}
	for {
		rec, err := file.Next()
		if err == io.EOF {
			return file.Section, file.Cards(), records, nil
		}
		if err != nil {
			return file.Section, file.Cards(), records, err
		}
		records = append(records, rec)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	section := Section{Application: "wirelab", Comment: "exchange: tcp\nmessage: \"zwölf\"\n"}
	file := encode(t, section, []string{"client", "server"}, sample())
	s, cards, records, err := decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if s != section {
		t.Errorf("the section is read as %+v", s)
	}
	if !reflect.DeepEqual(cards, []string{"client", "server"}) {
		t.Errorf("the cards are read as %v", cards)
	}
	if !reflect.DeepEqual(records, sample()) {
		t.Errorf("the records are read as %v", records)
	}
}

func TestAFileWithoutPackets(t *testing.T) {
	_, cards, records, err := decode(bytes.NewReader(encode(t, Section{Comment: "nothing happened"}, []string{"client"}, nil)))
	if err != nil || len(records) > 0 || len(cards) != 1 {
		t.Errorf("it is read as %v, %v, %v", cards, records, err)
	}
}

func TestACompressedFileIsReadToo(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(encode(t, Section{}, []string{"client", "server"}, sample())); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, records, err := decode(&b); err != nil || !reflect.DeepEqual(records, sample()) {
		t.Errorf("it is read as %v, %v", records, err)
	}
}

func TestTheLongestComments(t *testing.T) {
	long := strings.Repeat("x", MaxComment)
	records := []Record{{At: start, Frame: []byte("frame"), Comment: long}}
	s, _, got, err := decode(bytes.NewReader(encode(t, Section{Comment: long}, []string{"client"}, records)))
	if err != nil || s.Comment != long || !reflect.DeepEqual(got, records) {
		t.Errorf("they are read as %d bytes, %d records, %v", len(s.Comment), len(got), err)
	}
	if _, err := NewWriter(io.Discard, Section{Comment: long + "x"}, "client"); err == nil || err.Error() != "a comment of 65536 bytes is longer than the 65535 that a pcapng file takes" {
		t.Errorf("a longer one of the section gives %v", err)
	}
	w, err := NewWriter(io.Discard, Section{}, "client")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Record{At: start, Comment: long + "x"}); err == nil {
		t.Error("a longer one of a packet is taken")
	}
}

func TestACaptureNeedsACard(t *testing.T) {
	if _, err := NewWriter(io.Discard, Section{}); err == nil {
		t.Error("it has none")
	}
	w, err := NewWriter(io.Discard, Section{}, "client")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Record{Card: 1, At: start, Frame: []byte("frame")}); err == nil {
		t.Error("a packet is taken from a card that there is not")
	}
}

// broken fails after so many bytes.
type broken struct{ room int }

var errBroken = errors.New("no space left on device")

func (b *broken) Write(p []byte) (int, error) {
	if b.room < len(p) {
		n := b.room
		b.room = 0
		return n, errBroken
	}
	b.room -= len(p)
	return len(p), nil
}

func TestAFailedWriteIsAnError(t *testing.T) {
	for _, room := range []int{0, 10, 200, 5000} {
		w, err := NewWriter(&broken{room}, Section{}, "client")
		for i := 0; err == nil && i < 100; i++ {
			err = w.Write(Record{At: start, Frame: make([]byte, 1514)})
		}
		if err == nil {
			err = w.Flush()
		}
		if !errors.Is(err, errBroken) {
			t.Errorf("with room for %d bytes it gives %v", room, err)
		}
	}
}

func TestWhatIsNoPcapngFile(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "this is not a pcapng file: it is empty",
		"Dear server,\n":                      "this is not a pcapng file",
		"\n":                                  "this is not a pcapng file",
		"\xd4\xc3\xb2\xa1\x02\x00\x04\x00":    "this is not a pcapng file", // pcap
		"\x0a\x0d\x0d\x0a":                    "this pcapng file is damaged: it ends in the middle of a block",
		"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00abc": "this pcapng file is damaged: it ends in the middle of a block",
	} {
		if _, err := NewReader(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00abcd", "\x1f\x8b", "\x1f\x8bnot gzip at all"} {
		if _, err := NewReader(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "this pcapng file is damaged: ") {
			t.Errorf("%q gives %v", text, err)
		}
	}
	if _, err := NewReader(failing{}); !errors.Is(err, errBroken) {
		t.Errorf("a file that cannot be read gives %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroken }

// A file that was cut off is an error wherever it was, except between blocks:
// there it is a whole file with fewer packets.
func TestACutFileIsAnErrorOrShorter(t *testing.T) {
	records := sample()[:4]
	file := encode(t, Section{Application: "wirelab", Comment: "exchange: tcp\n"}, []string{"client", "server"}, records)
	whole := map[int]int{len(encode(t, Section{Application: "wirelab", Comment: "exchange: tcp\n"}, []string{"client"}, nil)): 0}
	for n := range records {
		whole[len(encode(t, Section{Application: "wirelab", Comment: "exchange: tcp\n"}, []string{"client", "server"}, records[:n]))] = n
	}
	for n := range len(file) {
		_, _, got, err := decode(bytes.NewReader(file[:n]))
		if want, ok := whole[n]; ok {
			if err != nil || len(got) != want {
				t.Errorf("cut to %d bytes it has %d packets, %v; want %d", n, len(got), err, want)
			}
		} else if err == nil {
			t.Errorf("cut to %d bytes it is read without an error, with %d packets", n, len(got))
		}
	}
}

// Damage gives an error or other records; never a panic, and never for long.
func TestDamageIsSurvived(t *testing.T) {
	file := encode(t, Section{Application: "wirelab", Comment: "exchange: tcp\n"}, []string{"client", "server"}, sample()[:4])
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		b := bytes.Clone(file)
		for range 1 + r.IntN(4) {
			b[r.IntN(min(len(b), 600))] = byte(r.Uint32())
		}
		_, _, records, err := decode(bytes.NewReader(b))
		if err == nil && len(records) > len(b) {
			t.Fatalf("%d bytes have %d records", len(b), len(records))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(encode(f, Section{Application: "wirelab", Comment: "exchange: tcp\n"}, []string{"client", "server"}, sample()[:4]))
	f.Add(encode(f, Section{}, []string{""}, nil))
	f.Add([]byte(""))
	f.Add([]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"))
	f.Add([]byte("\x0a\x0d\x0d\x0a\x00\x00\x00\x1c\x1a\x2b\x3c\x4d\x00\x01\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x1c"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1 && b[0] == 0x1f && b[1] == 0x8b {
			return // what is compressed may be long, and is the same inside
		}
		_, cards, records, err := decode(bytes.NewReader(b))
		size := 0
		for _, r := range records {
			size += len(r.Frame) + len(r.Comment)
			if r.Card < 0 || err == nil && r.Card >= len(cards) && len(cards) > 0 {
				t.Errorf("a packet of card %d; there are %d", r.Card, len(cards))
			}
		}
		if size > len(b) {
			t.Errorf("%d bytes hold %d", len(b), size)
		}
	})
}
