package dissect

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"

	"wirelab/packets"
)

// decompress undoes a content coding (RFC 9110 section 8.4.1).
func decompress(coding string, b []byte) ([]byte, error) {
	var r io.Reader
	var err error
	switch strings.ToLower(coding) {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(b))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(b))
	default:
		return nil, fmt.Errorf("its content is packed as %s, which is not read here", packets.Text([]byte(coding), 20))
	}
	var out []byte
	if err == nil {
		out, err = io.ReadAll(io.LimitReader(r, maxContent+1))
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("its content cannot be unpacked as %s: %w", strings.ToLower(coding), err)
	case len(out) > maxContent:
		return nil, tooLong{}
	}
	return out, nil
}
