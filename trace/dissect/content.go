package dissect

import "wirelab/trace"

// maxContent is how many bytes of a message are kept to look into it.
const maxContent = 16 << 20

// A content is what a message carries: some of its bytes, and where they all
// are.
type content struct {
	keep  bool // to look into it
	data  []byte
	size  int64 // bytes, kept or not
	spans []trace.Span
	gap   bool // some bytes are not known
}

// add takes the next bytes, of which the first is at a place of the stream. Of
// those that nobody looks into the beginning is kept.
func (c *content) add(s trace.Span, b []byte) {
	c.size += int64(len(b))
	if n := len(c.spans) - 1; n >= 0 && c.spans[n].Stream == s.Stream && c.spans[n].Hi == s.Lo {
		c.spans[n].Hi = s.Hi
	} else {
		c.spans = append(c.spans, s)
	}
	most := maxContent
	if !c.keep {
		most = trace.TextLen
	}
	c.data = append(c.data, b[:min(len(b), max(0, most-len(c.data)))]...)
}

// skip notes bytes that are not known.
func (c *content) skip(s trace.Span) {
	c.add(s, nil)
	c.size += s.Len()
	c.gap = true
}

// whole says whether data is all of it.
func (c *content) whole() bool { return c.keep && !c.gap && int64(len(c.data)) == c.size }

// cutSpans are bytes [lo, hi) of what lies in spans, one behind the other. If
// these are none, it is a span without bytes at their place.
func cutSpans(spans []trace.Span, lo, hi int) (out []trace.Span) {
	at := int64(0)
	for _, s := range spans {
		n := s.Len()
		from, to := max(int64(lo)-at, 0), min(int64(hi)-at, n)
		if from < to || lo == hi && len(out) == 0 && int64(lo) >= at && int64(lo) <= at+n {
			out = append(out, trace.Span{Stream: s.Stream, Unit: s.Unit, Lo: s.Lo + from, Hi: s.Lo + to})
		}
		at += n
	}
	return out
}
