package packets

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"wirelab/osi"
)

// everyField visits every entry of every table once, kids included.
func everyField(visit func(p *protocol, f *field)) {
	seen := make(map[*field]bool)
	for _, p := range tables() {
		var walk func([]*field)
		walk = func(fields []*field) {
			for _, f := range fields {
				if !seen[f] {
					seen[f] = true
					visit(p, f)
				}
				walk(f.kids)
			}
		}
		walk(p.fields)
	}
}

func TestEveryEntryHasKeyNameSentenceAndSource(t *testing.T) {
	everyField(func(p *protocol, f *field) {
		if f.key == "" || f.name == "" || f.about == "" || f.rfc == "" || f.say == nil {
			t.Errorf("%s: %q lacks something: name %q, about %q, rfc %q, sentence %v", p.key, f.key, f.name, f.about, f.rfc, f.say != nil)
		}
		if !strings.HasSuffix(f.about, ".") && !strings.HasSuffix(f.about, "?") {
			t.Errorf("%s: what it is for is no sentence: %q", f.key, f.about)
		}
		if f.found() && slices.Contains(p.fields, f) && f != &cutField {
			t.Errorf("%s: no place in the header", f.key)
		}
	})
	for _, p := range tables() {
		if p.key == "" || p.name == "" || p.title == "" || p.rfc == "" || p.about == "" {
			t.Errorf("table %+v lacks something", p.key)
		}
	}
}

func TestEveryKeyIsUnique(t *testing.T) {
	seen := make(map[string]bool)
	everyField(func(p *protocol, f *field) {
		if seen[f.key] {
			t.Errorf("%s: two entries have the key %s", p.key, f.key)
		}
		seen[f.key] = true
	})
}

func TestKidsLieInTheirParents(t *testing.T) {
	everyField(func(p *protocol, f *field) {
		for _, k := range f.kids {
			if f.bits > 0 && k.bit+k.bits > f.bits {
				t.Errorf("%s sticks out of %s", k.key, f.key)
			}
		}
	})
}

func TestEveryTableIsFoundByItsKey(t *testing.T) {
	for _, p := range tables() {
		switch p {
		case &data, &padding, &foreign, &cut: // never announced by a header
		default:
			if table(p.key) != p {
				t.Errorf("table(%q) is another table", p.key)
			}
		}
	}
}

func TestEveryProtocolHasAPlaceInTheModels(t *testing.T) {
	for _, p := range tables() {
		if p == &foreign || p == &cut { // no protocols of their own
			continue
		}
		if _, ok := osi.Place(p.key); !ok {
			t.Errorf("%s has no place in package osi", p.key)
		}
	}
}

// Every entry of a table is met in the corpus: a sentence that no test reads
// cannot be trusted.
func TestCorpusMeetsEveryEntry(t *testing.T) {
	met := make(map[string]bool)
	for _, c := range corpus() {
		for n := range len(c.frame) + 1 {
			if n < len(c.frame) && n > 60 {
				continue // cut headers are met before
			}
			for _, l := range Decode(c.frame[:n], LinkEthernet, Context{}) {
				eachField(l.Fields, func(f Field) { met[f.Key] = true })
			}
		}
	}
	rare := []string{ // options of IPv4 that are as good as dead
		"ip.options.lsr", "ip.options.ssr", "ip.options.security", "ip.options.stream_id", "ip.options.timestamp",
		"ip.options.nop", "ip.options.unknown", "ip.opt.padding",
	}
	for _, key := range Keys() {
		if !met[key] && !slices.Contains(rare, key) {
			t.Errorf("no frame of the corpus has %s", key)
		}
	}
}

func eachField(fields []Field, visit func(Field)) {
	for _, f := range fields {
		visit(f)
		eachField(f.Kids, visit)
	}
}

func TestEverythingSaidIsSafeForATerminal(t *testing.T) {
	for _, c := range corpus() {
		for _, l := range Decode(c.frame, LinkEthernet, Context{}) {
			said := []string{l.Summary, l.Damage, l.Name}
			eachField(l.Fields, func(f Field) { said = append(said, f.Value, f.Say, f.Name) })
			for _, s := range said {
				if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%s: %q", c.name, s)
				}
			}
		}
	}
}

func TestEverySentenceIsOne(t *testing.T) {
	for _, c := range corpus() {
		for _, l := range Decode(c.frame, LinkEthernet, Context{From: "client", To: "server"}) {
			eachField(l.Fields, func(f Field) {
				first := []rune(f.Say + " ")[0]
				if !unicode.IsUpper(first) && !unicode.IsDigit(first) && first != '"' {
					t.Errorf("%s: %s does not begin like a sentence: %q", c.name, f.Key, f.Say)
				}
				if !strings.HasSuffix(f.Say, ".") && !strings.HasSuffix(f.Say, "\"") && !strings.HasSuffix(f.Say, ".)") {
					t.Errorf("%s: %s does not end like a sentence: %q", c.name, f.Key, f.Say)
				}
				if strings.Contains(f.Say, "  ") || strings.Contains(f.Say, "%!") || strings.Contains(f.Value, "%!") {
					t.Errorf("%s: %s: %q, %q", c.name, f.Key, f.Value, f.Say)
				}
				if f.Value == "" && f.Bits > 0 {
					t.Errorf("%s: %s has no value", c.name, f.Key)
				}
			})
		}
	}
}

func TestReferenceListsEveryProtocolWithoutAPacket(t *testing.T) {
	docs := Reference()
	if len(docs) != len(tables()) {
		t.Fatalf("%d protocols, want %d", len(docs), len(tables()))
	}
	i := slices.IndexFunc(docs, func(d ProtocolDoc) bool { return d.Key == "tcp" })
	window := slices.IndexFunc(docs[i].Fields, func(f FieldDoc) bool { return f.Key == "tcp.window_size_value" })
	f := docs[i].Fields[window]
	if f.Bit != 112 || f.Bits != 16 || f.RFC != "RFC 9293 section 3.8.6" || f.Sometimes {
		t.Errorf("window: %+v", f)
	}
}

func TestLookupFindsAFieldWithoutAPacket(t *testing.T) {
	for _, key := range Keys() {
		if d, ok := Lookup(key); !ok || d.Key != key {
			t.Errorf("Lookup(%q) = %q, %v", key, d.Key, ok)
		}
	}
	if _, ok := Lookup("tcp.nonsense"); ok {
		t.Error("found a field that does not exist")
	}
	if d, _ := Lookup("tcp.options.mss"); d.Bit != -1 || d.Kids[2].Bit != 16 {
		t.Errorf("the place of an option is known only in a packet, that of its parts in the option: %+v", d)
	}
}
