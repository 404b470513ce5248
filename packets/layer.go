package packets

// Link is the kind of link that a frame was seen on: what its first byte is.
type Link uint8

// The links.
const (
	LinkEthernet Link = iota // Ethernet II or IEEE 802.3, from the destination address on
	LinkIP                   // none: an IP packet of either version, as a Datagram has it
)

// Layer is one header of a frame laid open, or its payload.
type Layer struct {
	Protocol string  // "ethernet", "ipv4", "tcp", "data", ...: the key into package osi
	Name     string  // "Ethernet", "IPv4", "TCP", "Data"
	Off, Len int     // the bytes of this header in the frame; of data, the payload's
	Fields   []Field // cover the header's bits from 0 to 8*Len, without gap or overlap
	Summary  string  // one short line for a tree: "10.0.0.1 to 10.0.0.2, ttl 64"
	Damage   string  // what is wrong, in words; "" if nothing is
	Quoted   bool    // inside an ICMP error: the beginning of an earlier packet, not of this one
}

// Field is one field of a header, or a part of one, as one packet has it.
type Field struct {
	Key  string // "tcp.window_size_value"; Wireshark's name where it has one
	Name string // in the RFC's words: "window"

	// Bit and Bits are its place from the start of its layer, most significant
	// bit first: the frame's bytes Layer.Off+Bit/8 to Layer.Off+(Bit+Bits-1)/8.
	Bit, Bits int

	Raw   uint64  // the number in the header; 0 of fields longer than 64 bits
	Value string  // as people read it: "502 x 128 = 64,256", "10.0.0.1"
	Say   string  // what this very value tells the other side
	RFC   string  // "RFC 9293 section 3.1"
	Kids  []Field // its bits, or its options
}

// Context is what a frame alone does not tell about itself. The zero value
// knows nothing, and then no sentence claims any of it.
type Context struct {
	From, To string // names of the two hosts: "client", "server"; empty: addresses are used

	// The initial sequence numbers of the sender's and of the receiver's
	// direction. Relative numbers count from them: SYN is 0, the first data byte 1.
	SeqBase, AckBase   uint32
	SeqKnown, AckKnown bool

	// Scale is the window scale shift that the sender of this packet announced
	// and that both sides agreed on (RFC 7323 section 2); 0 if they did not.
	Scale      int
	ScaleKnown bool

	Again bool // some byte of the payload was sent before
}

// Decode lays a frame open, outermost layer first. It never panics, whatever
// the bytes; damage is said in the Damage of the layer where it shows.
// What an ICMP error quotes of an earlier packet follows as layers of their
// own, marked Quoted. Bytes behind the payload come last, as "padding".
func Decode(frame []byte, link Link, ctx Context) []Layer {
	return Open(frame, link).Layers(ctx)
}

// Find gives the first field with that key, outermost layer first, kids
// included. Where an ICMP error quotes a packet, a field of the quote is found
// only if the packet itself has none.
func Find(layers []Layer, key string) (Field, bool) {
	for _, l := range layers {
		if f, ok := findIn(l.Fields, key); ok {
			return f, true
		}
	}
	return Field{}, false
}

func findIn(fields []Field, key string) (Field, bool) {
	for _, f := range fields {
		if f.Key == key {
			return f, true
		}
		if kid, ok := findIn(f.Kids, key); ok {
			return kid, true
		}
	}
	return Field{}, false
}
