package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/gopacket/gopacket/pcapgo"
)

// A Reader reads a pcapng file.
type Reader struct {
	ng      *pcapgo.NgReader
	Section Section
}

// NewReader reads the beginning of a pcapng file.
func NewReader(r io.Reader) (*Reader, error) {
	br := bufio.NewReader(r)
	switch start, err := br.Peek(len(magic)); {
	case len(start) == 0 && err == io.EOF:
		return nil, fmt.Errorf("this is not a pcapng file: it is empty")
	case err != nil && err != io.EOF:
		return nil, err
	case string(start) != magic && string(start[:min(2, len(start))]) != gzipMagic:
		return nil, fmt.Errorf("this is not a pcapng file")
	}
	ng, err := pcapgo.NewNgReader(br, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		return nil, fmt.Errorf("this pcapng file is damaged: %w", cutOff(err))
	}
	info := ng.SectionInfo()
	return &Reader{ng, Section{Application: info.Application, Comment: info.Comment}}, nil
}

// What a pcapng file begins with, and one that is compressed with gzip.
const (
	magic     = "\x0a\x0d\x0d\x0a"
	gzipMagic = "\x1f\x8b"
)

// cutOff says in words that a file ends too early.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends in the middle of a block")
	}
	return err
}

// Next returns the next packet, or io.EOF behind the last one. Its frame stays good.
func (r *Reader) Next() (Record, error) {
	frame, ci, opt, err := r.ng.ReadPacketDataWithOptions()
	if err == io.EOF {
		return Record{}, err
	}
	if err != nil {
		return Record{}, fmt.Errorf("this pcapng file is damaged: %w", cutOff(err))
	}
	rec := Record{Card: ci.InterfaceIndex, At: ci.Timestamp, Frame: frame}
	if len(opt.Comments) > 0 {
		rec.Comment = opt.Comments[0]
	}
	if opt.Flags != nil {
		switch opt.Flags.Direction {
		case pcapgo.NgEpbFlagDirectionInbound:
			rec.Direction = Inbound
		case pcapgo.NgEpbFlagDirectionOutbound:
			rec.Direction = Outbound
		}
	}
	return rec, nil
}

// Cards are the names of the interfaces seen so far.
func (r *Reader) Cards() []string {
	var names []string
	for i := range r.ng.NInterfaces() {
		ifc, err := r.ng.Interface(i)
		if err != nil {
			break
		}
		names = append(names, ifc.Name)
	}
	return names
}
