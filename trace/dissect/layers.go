package dissect

import (
	"wirelab/packets"
	"wirelab/packets/engineio"
	"wirelab/trace"
)

// A family is a protocol whose packets are text in parts.
type family struct{ key, name, source string }

var (
	engine = family{"engineio", "Engine.IO", "Engine.IO protocol 4"}
	socket = family{"socketio", "Socket.IO", "Socket.IO protocol 5"}
)

// most is how many characters of a value are shown.
const most = 64

// layer is a packet whose parts are known.
func layer(f family, b []byte, parts []engineio.Part, m *trace.Message) packets.Layer {
	l := packets.Layer{Protocol: f.key, Name: f.name, Len: len(b), Damage: packets.Text([]byte(m.Trouble), 400)}
	at := 0
	for _, p := range parts {
		value := p.Value
		if value == "" {
			value = string(b[p.From:p.To])
		}
		l.Fields = append(l.Fields, packets.Field{
			Key: f.key + "." + p.Name, Name: p.Name, Bit: 8 * p.From, Bits: 8 * (p.To - p.From), Raw: packets.Bits(b, 8*p.From, 8*(p.To-p.From)),
			Value: packets.Text([]byte(value), most), Say: packets.Text([]byte(p.Sentence), 400), RFC: f.source,
		})
		at = p.To
	}
	if at < len(b) {
		l.Fields = append(l.Fields, packets.Field{Key: f.key + ".rest", Name: "rest", Bit: 8 * at, Bits: 8 * (len(b) - at),
			Value: packets.Text(b[at:], most), Say: "Here it can no longer be read.", RFC: f.source})
	}
	l.Summary = packets.Text(b, most)
	return l
}

// plainLayer is bytes that nothing here opens further.
func plainLayer(name string, off int, b []byte, say string) packets.Layer {
	return packets.Layer{Protocol: "data", Name: name, Off: off, Len: len(b), Summary: packets.Bytes(len(b)) + ": " + packets.Text(b, 48),
		Fields: []packets.Field{{Key: "data.data", Name: "data", Bits: 8 * len(b), Value: packets.Text(b, most), Say: say, RFC: "RFC 1122 section 1.1.3"}}}
}
