// Package capture writes and reads files of captured packets: pcapng, the form
// that Wireshark reads, with times to the nanosecond and comments on packets.
package capture

import (
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// MaxComment is the longest comment that a pcapng file takes, in bytes: the
// length of an option is a 16-bit number.
const MaxComment = 1<<16 - 1

// A Section is what a file says of itself.
type Section struct {
	Application string
	Comment     string
}

// A Direction says on which way a packet passed the card that captured it.
type Direction uint8

// The directions.
const (
	Unknown Direction = iota
	Inbound
	Outbound
)

// A Record is one captured packet.
type Record struct {
	Card      int // index of the interface that captured it
	At        time.Time
	Direction Direction
	Frame     []byte
	Comment   string // empty: none
}

// A Writer writes a pcapng file of Ethernet frames.
type Writer struct{ ng *pcapgo.NgWriter }

// NewWriter begins a file with one section and the named cards.
func NewWriter(w io.Writer, s Section, cards ...string) (*Writer, error) {
	if err := fits(s.Comment); err != nil {
		return nil, err
	}
	if len(cards) == 0 {
		return nil, fmt.Errorf("a capture needs a card at which it was taken")
	}
	card := func(name string) pcapgo.NgInterface {
		return pcapgo.NgInterface{Name: name, LinkType: layers.LinkTypeEthernet} // pcapgo always counts nanoseconds
	}
	opt := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Application: s.Application, Comment: s.Comment}}
	ng, err := pcapgo.NewNgWriterInterface(w, card(cards[0]), opt)
	if err != nil {
		return nil, err
	}
	for _, name := range cards[1:] {
		if _, err := ng.AddInterface(card(name)); err != nil {
			return nil, err
		}
	}
	return &Writer{ng}, nil
}

// fits says whether a comment is too long for a file.
func fits(comment string) error {
	if len(comment) > MaxComment {
		return fmt.Errorf("a comment of %d bytes is longer than the %d that a pcapng file takes", len(comment), MaxComment)
	}
	return nil
}

// Write adds a packet.
func (w *Writer) Write(r Record) error {
	if err := fits(r.Comment); err != nil {
		return err
	}
	var opt pcapgo.NgPacketOptions
	if r.Comment != "" {
		opt.Comments = []string{r.Comment}
	}
	switch r.Direction {
	case Inbound:
		opt.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionInbound}
	case Outbound:
		opt.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionOutbound}
	}
	ci := gopacket.CaptureInfo{Timestamp: r.At, CaptureLength: len(r.Frame), Length: len(r.Frame), InterfaceIndex: r.Card}
	return w.ng.WritePacketWithOptions(ci, r.Frame, opt)
}

// Flush writes out what is still held back. It must be called at the end.
func (w *Writer) Flush() error { return w.ng.Flush() }
