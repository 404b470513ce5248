package wire

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"wirelab/trace"
)

// bothWays moves size bytes to a server and back at the same time, with a
// message for each piece.
func bothWays(l *Lab, client, server *Host, size int) error {
	const piece = 10_000
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	l.Go(server, "server", func() error {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		if _, err := io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c}); err != nil {
			return err
		}
		return c.Close()
	})
	l.Go(client, "client", func() error {
		conn, err := client.Dial(context.Background(), "tcp", "server:80")
		if err != nil {
			return err
		}
		c := conn.(*TCPConn)
		l.Go(client, "reader", func() error {
			n, err := io.Copy(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{c})
			if err == nil && n != int64(size) {
				err = fmt.Errorf("%d of %d bytes came back", n, size)
			}
			return err
		})
		for at := 0; at < size; at += piece {
			l.Message(trace.Message{Kind: "piece", Parent: -1, To: 1, Conn: 0, Size: piece, Text: "piece", Spans: []trace.Span{c.Span(true, int64(at), int64(at+piece))}})
			if _, err := c.Write(make([]byte, piece)); err != nil {
				return err
			}
		}
		return c.CloseWrite()
	})
	return nil
}

// TestSnapshotsAreSoundAndNeverChange takes snapshots as fast as it can while
// frames pass, and looks at each at once and again when all is over.
func TestSnapshotsAreSoundAndNeverChange(t *testing.T) {
	frames := 100_000
	if raceEnabled || testing.Short() {
		frames = 5_000
	}
	type kept struct {
		s    *trace.Snapshot
		tr   *trace.Trace
		hash string
	}
	var snapshots []kept
	started, over := make(chan *Lab, 1), make(chan struct{})
	taken := 0
	reader := make(chan struct{})
	go func() {
		defer close(reader)
		l := <-started
		for last := false; !last; taken++ {
			select {
			case <-over:
				last = true
			default:
			}
			s := l.Snapshot()
			tr := s.Latest(500)
			if err := tr.Check(); err != nil {
				t.Errorf("snapshot %d at %v is not sound: %v", taken, tr.End, err)
				return
			}
			if n := tr.Dropped.Packets + len(tr.Packets); n != s.Packets() {
				t.Errorf("snapshot %d ends with packet %d of %d", taken, n, s.Packets())
			}
			flying := len(tr.Packets) > 0 && tr.Packets[len(tr.Packets)-1].Fate == trace.UnderWay
			if taken&(taken-1) == 0 || flying && len(snapshots) < 60 || last { // some of them whole, and for ever
				all := s.Trace()
				if err := all.Check(); err != nil {
					t.Errorf("snapshot %d at %v, whole, is not sound: %v", taken, all.End, err)
					return
				}
				snapshots = append(snapshots, kept{s, all, fingerprint(all)}, kept{s, tr, fingerprint(tr)})
			}
		}
	}()
	tr := live(t, Options{Keep: trace.Bound{Packets: 2 * frames}}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 20 * time.Microsecond, Rate: 10e9, Loss: 0.001}, HostOptions{})
		started <- l
		// Two frames of data and two acknowledgements for every 1,420 bytes.
		return bothWays(l, client, server, frames/4*1420/10_000*10_000)
	})
	close(over)
	<-reader
	t.Logf("%d snapshots of up to %d packets", taken, len(tr.Packets))
	if len(tr.Packets) < frames/2 {
		t.Errorf("only %d frames passed", len(tr.Packets))
	}
	growing := 0
	for _, k := range snapshots {
		if n := len(k.tr.Packets); n > 0 && k.tr.Packets[n-1].Fate == trace.UnderWay {
			growing++
		}
		if got := fingerprint(k.tr); got != k.hash {
			t.Errorf("the snapshot at %v has changed", k.tr.End)
		}
		if got := fingerprint(k.s.Latest(len(k.tr.Packets))); got != k.hash {
			t.Errorf("the snapshot at %v is another one when it is asked again", k.tr.End)
		}
	}
	if growing == 0 {
		t.Error("no snapshot was taken while a frame was on its way")
	}
	for _, m := range tr.Messages {
		if m.Sent == trace.Never || m.Arrived < m.Sent {
			t.Errorf("a message was sent %v, arrived %v", m.Sent, m.Arrived)
		}
	}
}

func TestBoundedLiveTraceKeepsItsEnd(t *testing.T) {
	const bound = 1000
	frames := 50_000
	if raceEnabled || testing.Short() {
		frames = 5_000
	}
	tr := live(t, Options{Keep: trace.Bound{Packets: bound}}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 20 * time.Microsecond, Rate: 10e9}, HostOptions{})
		return bothWays(l, client, server, frames/4*1420/10_000*10_000)
	})
	if len(tr.Packets) != bound {
		t.Errorf("%d packets are kept, want %d", len(tr.Packets), bound)
	}
	if n := tr.Dropped.Packets + bound; n < frames/2 {
		t.Errorf("%d packets in all, want about %d", n, frames)
	}
	last := tr.Number(len(tr.Packets) - 1)
	if row, ok := tr.Row(last); !ok || row != bound-1 {
		t.Errorf("packet %d is in row %d", last, row)
	}
	if _, ok := tr.Row(tr.Dropped.Packets); ok {
		t.Errorf("packet %d was dropped, and is there", tr.Dropped.Packets)
	}
	var nth [2]uint32
	for i := range tr.Packets {
		nth[tr.Packets[i].From] = tr.Packets[i].Nth
	}
	if n := int(nth[0] + nth[1]); n != last {
		t.Errorf("the hosts sent %d IP packets, and the last one has number %d", n, last)
	}
	if tr.Dropped.Calls == 0 || tr.Dropped.Messages == 0 || tr.Dropped.Samples == 0 || tr.Dropped.Bytes == 0 {
		t.Errorf("dropped are %+v", tr.Dropped)
	}
}

// BenchmarkSnapshot is a snapshot of a live trace of 100,000 packets, as a screen
// takes them that shows the end of it, and as one that wants all. While the
// first part lasts the lab has to wait.
func BenchmarkSnapshot(b *testing.B) {
	l := New(Options{Real: true})
	tr, err := l.Run(context.Background(), func() error {
		client, server := pair(b, l, Conditions{Delay: 20 * time.Microsecond, Rate: 10e9}, HostOptions{})
		return bothWays(l, client, server, 25_000*1420/10_000*10_000)
	})
	if err != nil {
		b.Fatal(err)
	}
	s := l.Snapshot()
	for _, part := range []struct {
		name string
		do   func()
	}{
		{"freeze", func() { l.Snapshot() }},
		{"latest1000", func() { s.Latest(1000) }},
		{"all", func() { s.Trace() }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				part.do()
			}
			b.ReportMetric(float64(len(tr.Packets)), "packets")
		})
	}
}

// BenchmarkRealClock says how late events are.
func BenchmarkRealClock(b *testing.B) {
	for _, delay := range []time.Duration{100 * time.Microsecond, 5 * ms} {
		b.Run(delay.String(), func(b *testing.B) {
			l := New(Options{Real: true})
			tr, err := l.Run(context.Background(), func() error {
				client, server := pair(b, l, Conditions{Delay: delay}, HostOptions{})
				echo(b, l, server)
				l.Go(client, "client", func() error {
					c, err := client.Dial(context.Background(), "tcp", "server:80")
					if err != nil {
						return err
					}
					msg := make([]byte, 64)
					for b.Loop() {
						if _, err := c.Write(msg); err != nil {
							return err
						}
						if _, err := io.ReadFull(c, msg); err != nil {
							return err
						}
					}
					return c.Close()
				})
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(tr.Lateness.Mean)/1e3, "us-late")
			b.ReportMetric(float64(tr.Lateness.P99)/1e3, "us-late-p99")
			b.ReportMetric(float64(tr.Lateness.Max)/1e3, "us-late-max")
		})
	}
}
