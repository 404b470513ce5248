package http1

import (
	"errors"
	"fmt"

	"wirelab/packets"
)

// A Reader reads the messages of one direction from bytes that come in any
// pieces. What it says does not depend on the pieces.
type Reader struct {
	request bool
	method  string // that the next response answers
	state   state
	head    headReader
	framing Framing
	left    int64 // of the content that is counted, or of the chunk
	content int64 // bytes of content so far
	line    []byte
	trailer int // bytes of trailer fields so far
	err     error
}

// state is what the next bytes are.
type state uint8

const (
	inHead state = iota
	inContent
	inChunkSize
	inChunk
	behindChunk
	inTrailer
	ended
	failed
)

// NewReader reads requests, or responses.
func NewReader(request bool) *Reader {
	r := &Reader{request: request}
	r.begin()
	return r
}

func (r *Reader) begin() {
	// The head that was read is given away, so its room is not used again.
	*r = Reader{request: r.request, method: r.method, framing: r.framing, head: headReader{head: Head{Request: r.request}}, line: r.line[:0]}
}

// Answers says which method the next response answers: one to HEAD has no
// content, whatever its fields say. It must be called before the head is whole.
func (r *Reader) Answers(method string) { r.method = method }

// A Part is what a Reader finds next.
type Part uint8

// The parts.
const (
	More  Part = iota // nothing more in these bytes
	Start             // a head is whole: see Head
	Data              // content
	End               // a message is whole
	Bad               // the rest cannot be read: see Err
)

// Next takes n bytes of b and says what they are. Content is the last of the
// bytes taken: lines between chunks stand before it. Call it until it says
// More, with what it has not taken; b may then be empty. After Bad it only says
// Bad. After the End of a message whose Framing is Switched no more bytes are
// for it.
func (r *Reader) Next(b []byte) (n int, part Part, data []byte) {
	for {
		k, part, data := r.step(b[n:])
		n += k
		if part != More || n == len(b) && !r.ready() {
			return n, part, data
		}
	}
}

// ready says whether the next step needs no bytes.
func (r *Reader) ready() bool {
	return r.state == ended || r.state == failed || r.state == inContent && r.framing != UntilClose && r.left == 0
}

// step takes bytes of one kind.
func (r *Reader) step(b []byte) (n int, part Part, data []byte) {
	switch r.state {
	case inHead:
		return r.readHead(b)
	case inContent:
		switch {
		case r.framing != UntilClose && r.left == 0:
			r.state = ended
			return 0, More, nil
		case len(b) == 0:
			return 0, More, nil
		}
		n = len(b)
		if r.framing == Counted {
			n = int(min(int64(n), r.left))
			r.left -= int64(n)
		}
		r.content += int64(n)
		return n, Data, b[:n:n]
	case inChunk:
		if len(b) == 0 {
			return 0, More, nil
		}
		n = int(min(int64(len(b)), r.left))
		r.left -= int64(n)
		r.content += int64(n)
		if r.left == 0 {
			r.state = behindChunk
		}
		return n, Data, b[:n:n]
	case inChunkSize, behindChunk, inTrailer:
		return r.readLine(b)
	case ended:
		r.begin()
		return 0, End, nil
	}
	return 0, Bad, nil
}

func (r *Reader) readHead(b []byte) (n int, part Part, data []byte) {
	n, done, err := r.head.next(b)
	if err != nil {
		return n, r.fail(err), nil
	}
	if !done {
		return n, More, nil
	}
	r.framing, r.left, err = r.head.head.Framing(r.method)
	if err != nil {
		return n, r.fail(err), nil
	}
	r.state = inContent
	if r.framing == Chunked {
		r.state = inChunkSize
	}
	return n, Start, nil
}

// readLine takes bytes of a line of the chunked coding, up to its end.
func (r *Reader) readLine(b []byte) (n int, part Part, data []byte) {
	for n < len(b) {
		c := b[n]
		n++
		if c != '\n' {
			most := maxChunkLine
			switch r.state {
			case inTrailer:
				most = MaxHead - r.trailer
			case behindChunk:
				most = 1 // a CR
			}
			if len(r.line) >= most {
				return n, r.fail(r.longLine()), nil
			}
			r.line = append(r.line, c)
			continue
		}
		line := r.line
		if len(line) > 0 && line[len(line)-1] == '\r' {
			line = line[:len(line)-1]
		}
		err := r.chunkLine(line)
		r.trailer += len(r.line) + 1
		r.line = r.line[:0]
		if err != nil {
			return n, r.fail(err), nil
		}
		return n, More, nil
	}
	return n, More, nil
}

func (r *Reader) longLine() error {
	switch r.state {
	case behindChunk:
		return errChunkEnd
	case inTrailer:
		return errors.New("its trailer fields take too much room")
	}
	return fmt.Errorf("the line before a chunk has more than %s", packets.Bytes(maxChunkLine))
}

var errChunkEnd = errors.New("no end of line stands behind a chunk (RFC 9112 section 7.1)")

// chunkLine reads a line of the chunked coding, without its end.
func (r *Reader) chunkLine(line []byte) (err error) {
	switch r.state {
	case inChunkSize:
		r.left, err = chunkSize(string(line))
		r.state, r.trailer = inChunk, 0
		if r.left == 0 {
			r.state = inTrailer
		}
	case behindChunk:
		r.state = inChunkSize
		if len(line) > 0 {
			return errChunkEnd
		}
	case inTrailer:
		if len(line) == 0 {
			r.state = ended
			return nil
		}
		_, err = fieldLine(line, Range{0, len(line)})
	}
	return err
}

func (r *Reader) fail(err error) Part {
	r.state, r.err = failed, err
	return Bad
}

// Head is the head that was found last. It stays good.
func (r *Reader) Head() *Head {
	h := r.head.head
	return &h
}

// Raw is the beginning of the head that is being read, or has been: its bytes
// up to here. It must not be changed.
func (r *Reader) Raw() []byte { return r.head.buf }

// Framing is how the content ends whose head was found last.
func (r *Reader) Framing() Framing { return r.framing }

// Idle says whether no message has begun.
func (r *Reader) Idle() bool { return r.state == inHead && len(r.head.buf) == 0 }

// Err says why the Reader has stopped.
func (r *Reader) Err() error { return r.err }

// Skip says that n bytes are not known. Within content that is counted that does
// not matter, elsewhere the Reader stops.
func (r *Reader) Skip(n int64) {
	switch {
	case r.state == failed || n == 0:
	case r.state == inContent && r.framing == UntilClose:
		r.content += n
	case (r.state == inContent && r.framing == Counted || r.state == inChunk) && n <= r.left:
		r.left -= n
		r.content += n
		if r.state == inChunk && r.left == 0 {
			r.state = behindChunk
		}
	default:
		r.fail(errors.New("bytes are missing that say where it ends"))
	}
}

// Close says that no more bytes come. It returns End if that ends a message,
// More if none had begun, and otherwise Bad: one is not whole.
func (r *Reader) Close() Part {
	switch {
	case r.state == failed:
		return Bad
	case r.Idle():
		return More
	case r.state == inHead:
		return r.fail(errors.New("its head is not whole"))
	case r.state == inContent && r.framing == UntilClose:
		r.begin()
		return End
	case r.framing == Counted:
		return r.fail(fmt.Errorf("%s of its content are here, and %s are missing", packets.Bytes(r.content), packets.Bytes(r.left)))
	}
	return r.fail(fmt.Errorf("%s of its content are here, and the last chunk is missing", packets.Bytes(r.content)))
}
