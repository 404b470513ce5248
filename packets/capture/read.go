package capture

import (
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
	ng, err := pcapgo.NewNgReader(r, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		return nil, fmt.Errorf("this is not a pcapng file: %w", err)
	}
	info := ng.SectionInfo()
	return &Reader{ng, Section{Application: info.Application, Comment: info.Comment}}, nil
}

// Next returns the next packet, or io.EOF. Its frame stays good.
func (r *Reader) Next() (Record, error) {
	frame, ci, opt, err := r.ng.ReadPacketDataWithOptions()
	if err != nil {
		return Record{}, err
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
