package packets

// ProtocolDoc is what a reference page says of a protocol: its table, without
// any packet.
type ProtocolDoc struct {
	Key, Name, Title string // "tcp", "TCP", "Transmission Control Protocol"
	About            string // what it is for
	RFC              string
	Fields           []FieldDoc // in the order of the wire
}

// FieldDoc is what a reference page says of a field.
type FieldDoc struct {
	Key, Name string
	About     string // what it is for, of no packet in particular
	RFC       string

	// Bit and Bits are its place: in the header, or, of a kid, in its parent.
	// Bits is 0 where only the packet tells how long the field is; Bit is -1
	// where only the packet tells where it begins. Of a field that repeats it is
	// the first one's place.
	Bit, Bits int

	// Sometimes is set of fields that only some of the protocol's headers have.
	Sometimes bool

	Kids []FieldDoc
}

// Reference lists every protocol that has a table, lowest layer first, for
// pages of documentation. The result is the caller's own.
func Reference() []ProtocolDoc {
	var docs []ProtocolDoc
	for _, p := range tables() {
		doc := ProtocolDoc{Key: p.key, Name: p.name, Title: p.title, About: p.about, RFC: p.rfc}
		for _, f := range p.fields {
			doc.Fields = append(doc.Fields, f.doc())
		}
		docs = append(docs, doc)
	}
	return docs
}

// Lookup finds a field by its key, without any packet: to check a filter or a
// query before it runs.
func Lookup(key string) (FieldDoc, bool) {
	for _, p := range tables() {
		if f := lookup(p.fields, key); f != nil {
			return f.doc(), true
		}
	}
	return FieldDoc{}, false
}

// Keys lists the keys of all fields, each once, lowest layer first.
func Keys() []string {
	var keys []string
	seen := make(map[string]bool)
	var add func([]*field)
	add = func(fields []*field) {
		for _, f := range fields {
			if !seen[f.key] {
				seen[f.key] = true
				keys = append(keys, f.key)
			}
			add(f.kids)
		}
	}
	for _, p := range tables() {
		add(p.fields)
	}
	return keys
}

func lookup(fields []*field, key string) *field {
	for _, f := range fields {
		if f.key == key {
			return f
		}
		if kid := lookup(f.kids, key); kid != nil {
			return kid
		}
	}
	return nil
}

func (f *field) doc() FieldDoc {
	d := FieldDoc{
		Key: f.key, Name: f.name, About: f.about, RFC: f.rfc,
		Bit: f.bit, Bits: f.bits, Sometimes: f.when != nil || f.place != nil,
	}
	if f.place != nil || f.found() {
		d.Bit, d.Bits, d.Sometimes = -1, 0, true
	}
	for _, k := range f.kids {
		d.Kids = append(d.Kids, k.doc())
	}
	return d
}

// At is the field that d describes as one message has it: where it is, in bits
// from the start of its layer, what its value is, and what that says. It is for
// codecs of messages, whose tables stand in packages of their own.
func (d FieldDoc) At(bit, bits int, value, say string, kids ...Field) Field {
	return Field{Key: d.Key, Name: d.Name, Bit: bit, Bits: bits, Value: value, Say: say, RFC: d.RFC, Kids: kids}
}
