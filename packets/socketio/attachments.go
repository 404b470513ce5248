package socketio

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// A placeholder stands in the JSON for bytes that follow.
const (
	placeholderKey = "_placeholder"
	numberKey      = "num"
)

// takeOut is v with a placeholder for every []byte in it, which go to bufs. A
// map is walked in the order of its keys, so that the attachments have always
// the same one.
func takeOut(v any, bufs *[][]byte) any {
	switch v := v.(type) {
	case []byte:
		*bufs = append(*bufs, v)
		return map[string]any{placeholderKey: true, numberKey: len(*bufs) - 1}
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = takeOut(x, bufs)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out[k] = takeOut(v[k], bufs)
		}
		return out
	}
	return v
}

// putBack is v with the bytes for every placeholder in it. Each attachment has
// one: what stands in many places would be many times as large when it is sent on.
func putBack(v any, bufs [][]byte, used []bool) (any, error) {
	var err error
	switch v := v.(type) {
	case []any:
		for i := range v {
			if v[i], err = putBack(v[i], bufs, used); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		if is, _ := v[placeholderKey].(bool); is {
			number, _ := v[numberKey].(json.Number)
			i, err := strconv.Atoi(number.String())
			switch {
			case err != nil || i < 0 || i >= len(bufs):
				return nil, fmt.Errorf("illegal attachments: a placeholder names number %v of %d", v[numberKey], len(bufs))
			case used[i]:
				return nil, fmt.Errorf("illegal attachments: two placeholders name number %d", i)
			}
			used[i] = true
			return bufs[i], nil
		}
		for k := range v {
			if v[k], err = putBack(v[k], bufs, used); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// DefaultMaxAttachments is how many attachments a packet may have if nothing
// else is said; the official parser's limit.
const DefaultMaxAttachments = 10

// A Decoder joins packets with the attachments that follow them. Its zero value
// is ready.
type Decoder struct {
	MaxAttachments int // of one packet; 0: DefaultMaxAttachments

	pending     *Packet
	wanted      int
	attachments [][]byte
}

// Waiting says how many attachments are still to come.
func (d *Decoder) Waiting() int { return d.wanted - len(d.attachments) }

// Text takes a text message. It returns a packet, or nil if attachments are
// still to come.
func (d *Decoder) Text(b []byte) (*Packet, error) {
	if d.pending != nil {
		return nil, fmt.Errorf("got plaintext data when reconstructing a packet: %d of %d attachments are missing", d.Waiting(), d.wanted)
	}
	most := d.MaxAttachments
	if most == 0 {
		most = DefaultMaxAttachments
	}
	p, n, err := Parse(b)
	switch {
	case err != nil:
		return nil, err
	case n > most:
		return nil, fmt.Errorf("too many attachments: %d are announced, and %d may be", n, most)
	case n > 0:
		d.pending, d.wanted = p, n
		return nil, nil
	}
	return p, nil
}

// Binary takes an attachment. It returns the packet when it was the last.
func (d *Decoder) Binary(b []byte) (*Packet, error) {
	if d.pending == nil {
		return nil, errors.New("got binary data when not reconstructing a packet")
	}
	d.attachments = append(d.attachments, b)
	if d.Waiting() > 0 {
		return nil, nil
	}
	p, bufs, used := d.pending, d.attachments, make([]bool, len(d.attachments))
	d.pending, d.wanted, d.attachments = nil, 0, nil
	for i := range p.Args {
		var err error
		if p.Args[i], err = putBack(p.Args[i], bufs, used); err != nil {
			return nil, err
		}
	}
	return p, nil
}
