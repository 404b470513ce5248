package door

import (
	"errors"
	"io"
	"net"

	"wirelab/wire"
)

// An end is a connection of which each direction can end on its own.
type end interface {
	io.ReadWriteCloser
	CloseWrite() error
	// abort ends the connection with a reset.
	abort()
}

// outside is a connection of the machine, inside one of a host of the lab.
type (
	outside struct{ *net.TCPConn }
	inside  struct{ *wire.TCPConn }
)

func (c outside) abort() {
	_ = c.SetLinger(0) // fails if it is closed, and then there is nothing to do
	c.Close()
}

func (c inside) abort() {
	c.Abortive()
	c.Close()
}

// join lets two connections be one until both directions have ended, or it was
// reset, and closes them. It holds as many bytes as it has read and could not yet
// write, which are few: a full buffer makes the sender wait.
func join(a, z end) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		pump(z, a)
	}()
	pump(a, z)
	<-done
	a.Close()
	z.Close()
}

// Buffers of a pump, in bytes. A connection that is idle, or that types, needs
// little; one that fills its buffer gets a larger one.
const (
	leastBuffer = 4 << 10
	mostBuffer  = 64 << 10
)

// pump passes on what comes from src, and its end. If either is broken both are
// reset.
func pump(dst, src end) {
	buf := make([]byte, leastBuffer)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if _, failed := dst.Write(buf[:n]); failed != nil {
				err = failed
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			_ = dst.CloseWrite() // if it is broken the pump the other way hears of it
			return
		default:
			src.abort()
			dst.abort()
			return
		}
		if n == len(buf) && n < mostBuffer {
			buf = make([]byte, 2*n)
		}
	}
}
