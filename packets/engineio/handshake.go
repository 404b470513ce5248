package engineio

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Handshake is what the open packet says: how the two will talk.
type Handshake struct {
	SID          string // names the session in every later request
	Upgrades     []string
	PingInterval time.Duration // from one ping of the server to the next, in milliseconds on the wire
	PingTimeout  time.Duration // for the pong
	MaxPayload   int           // bytes of the largest payload that the server takes
}

type handshake struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"`
	PingTimeout  int64    `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

// Packet is the open packet that says h. All five keys are always there.
func (h Handshake) Packet() Packet {
	w := handshake{h.SID, h.Upgrades, h.PingInterval.Milliseconds(), h.PingTimeout.Milliseconds(), h.MaxPayload}
	if w.Upgrades == nil {
		w.Upgrades = []string{}
	}
	b, err := json.Marshal(w)
	if err != nil {
		panic(err) // strings and numbers can always be written
	}
	return Packet{Type: Open, Data: b}
}

// longest is the longest time that a handshake may name: a day, so that no sum
// of such times overflows.
const longest = int64(24 * time.Hour / time.Millisecond)

// ParseHandshake reads an open packet. A server of another implementation may
// leave out maxPayload, which is then 0.
func ParseHandshake(p Packet) (h Handshake, err error) {
	if p.Type != Open || p.Binary {
		return h, fmt.Errorf("the first packet is of type %s, and should be open", p.Type)
	}
	var w handshake
	if err := json.Unmarshal(p.Data, &w); err != nil {
		return h, fmt.Errorf("the open packet is no JSON that can be read: %w", err)
	}
	switch {
	case w.SID == "":
		return h, errors.New("the open packet names no sid")
	case w.PingInterval < 1 || w.PingInterval > longest || w.PingTimeout < 1 || w.PingTimeout > longest:
		return h, fmt.Errorf("the open packet names a pingInterval of %d ms and a pingTimeout of %d ms, which cannot be", w.PingInterval, w.PingTimeout)
	case w.MaxPayload < 0:
		return h, fmt.Errorf("the open packet names a maxPayload of %d", w.MaxPayload)
	}
	ms := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
	return Handshake{w.SID, w.Upgrades, ms(w.PingInterval), ms(w.PingTimeout), w.MaxPayload}, nil
}
