package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"testing"
	"time"

	"wirelab/trace"
)

// pair builds two hosts on one cable that know each other.
func pair(t testing.TB, l *Lab, c Conditions, o HostOptions) (client, server *Host) {
	return pairOf(t, l, c, c, o)
}

func pairOf(t testing.TB, l *Lab, up, down Conditions, o HostOptions) (client, server *Host) {
	t.Helper()
	client = mustHost(t, l, "client", "10.0.0.1", o)
	server = mustHost(t, l, "server", "10.0.0.2", o)
	l.Cable(client, server, up, down)
	know(t, client, server)
	return client, server
}

func mustHost(t testing.TB, l *Lab, name, addr string, o HostOptions) *Host {
	t.Helper()
	h, err := l.Host(name, netip.MustParseAddr(addr), o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// transfer sends size bytes from client to server, which reads until the end
// and closes. The hash of what arrived must be that of what was sent.
func transfer(l *Lab, client, server *Host, size int) error {
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	sent := make([]byte, size)
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	l.Go(server, "server", func() error {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		defer c.Close()
		got, err := io.ReadAll(c)
		if err == nil && !bytes.Equal(got, sent) {
			err = fmt.Errorf("got %d bytes that are not the %d sent", len(got), size)
		}
		return err
	})
	l.Go(client, "client", func() error {
		c, err := client.Dial(context.Background(), "tcp", "server:80")
		if err != nil {
			return err
		}
		if _, err := c.Write(sent); err != nil {
			return err
		}
		return c.Close()
	})
	return nil
}

// fingerprint is a hash of all that a trace holds.
func fingerprint(tr *trace.Trace) string {
	h := sha256.New()
	for i := range tr.Packets {
		p := &tr.Packets[i]
		binary.Write(h, binary.LittleEndian, []int64{int64(p.Sent), int64(p.Left), int64(p.Arrived), int64(p.Fate), p.Span.Lo, p.Span.Hi})
		h.Write(tr.Bytes(p))
	}
	for _, c := range tr.Calls {
		fmt.Fprintln(h, c)
	}
	for _, s := range tr.Samples {
		fmt.Fprintln(h, s)
	}
	fmt.Fprintln(h, tr.Messages, tr.Marks, tr.Waiting, tr.Conns, tr.End, tr.Err)
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// run runs one experiment in a lab of its own, and checks its trace.
func run(t testing.TB, opt Options, setup func(*Lab) error) *trace.Trace {
	t.Helper()
	tr := runUnchecked(t, opt, setup)
	if err := tr.Check(); err != nil {
		t.Errorf("the trace is not sound: %v", err)
	}
	return tr
}

// runUnchecked is run where it is measured.
func runUnchecked(t testing.TB, opt Options, setup func(*Lab) error) *trace.Trace {
	t.Helper()
	l := New(opt)
	tr, err := l.Run(context.Background(), func() error { return setup(l) })
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	return tr
}

const ms = time.Millisecond

func listen(t testing.TB, h *Host) *Listener {
	t.Helper()
	ln, err := h.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	return ln.(*Listener)
}

// echo starts a server that sends back what it is sent, to one client after
// the other.
func echo(t testing.TB, l *Lab, server *Host) {
	t.Helper()
	ln := listen(t, server)
	l.Background(server, "server", func() error {
		for {
			c, err := ln.Accept()
			if err != nil {
				return err
			}
			io.Copy(struct{ io.Writer }{c}, c)
			c.Close()
		}
	})
}
