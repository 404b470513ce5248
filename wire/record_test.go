package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// hello is a client that says hello in two writes, of which the second is lost
// once, and a server that reads until the end, answers and closes.
func hello(t *testing.T) *trace.Trace {
	t.Helper()
	return run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 10 * ms, Rate: 10e6}, HostOptions{})
		client.Drop(4) // SYN, ACK, "hello, ", "world"
		ln := listen(t, server)
		l.Go(server, "server", func() error {
			c, err := ln.Accept()
			if err != nil {
				return err
			}
			got, err := io.ReadAll(c)
			if err != nil {
				return err
			}
			if _, err := c.Write(slices.Concat([]byte("you said "), got)); err != nil {
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
			l.Message(trace.Message{Kind: "message", Parent: -1, From: 0, To: 1, Text: "hello, world", Size: 12, Spans: []trace.Span{c.Span(true, 0, 12)}})
			for _, s := range []string{"hello, ", "world"} {
				if _, err := c.Write([]byte(s)); err != nil {
					return err
				}
			}
			if err := c.CloseWrite(); err != nil {
				return err
			}
			if _, err := io.ReadAll(c); err != nil {
				return err
			}
			return c.Close()
		})
		return nil
	})
}

// line is a packet in a few words.
func line(tr *trace.Trace, p *trace.Packet) string {
	var flags []string
	h := packets.Scan(tr.Bytes(p))
	for _, f := range []struct {
		flag packets.Flags
		name string
	}{{packets.SYN, "S"}, {packets.FIN, "F"}, {packets.RST, "R"}, {packets.ACK, "."}} {
		if h.Flags.Has(f.flag) {
			flags = append(flags, f.name)
		}
	}
	again := ""
	if p.Again {
		again = " again"
	}
	return fmt.Sprintf("%s#%d %s [%d,%d) %v by %v%s", tr.Name(p.From), p.Nth, strings.Join(flags, ""), p.Span.Lo, p.Span.Hi, p.Fate, p.Cause, again)
}

func TestPacketsSayWhatTheyCarry(t *testing.T) {
	tr := hello(t)
	var got []string
	for i := range tr.Packets {
		got = append(got, line(tr, &tr.Packets[i]))
	}
	want := []string{
		"client#1 S [-1,0) delivered by send",
		"server#1 S. [-1,0) delivered by receive",
		"client#2 . [0,0) delivered by receive",
		"client#3 . [0,7) delivered by send",
		"client#4 . [7,12) dropped by hand by send",
		"client#5 F. [12,13) delivered by send",
		"server#2 . [0,0) delivered by receive",
		"server#3 . [0,0) delivered by receive", // with SACK of the FIN
		"client#6 . [7,12) delivered by timer again",
		"client#7 F. [12,13) delivered by timer again", // this stack does not note that a FIN was SACKed
		"server#4 . [0,0) delivered by receive",
		"server#5 . [0,0) delivered by receive",
		"server#6 . [0,21) delivered by send",
		"server#7 F. [21,22) delivered by send",
		"client#8 . [13,13) delivered by receive",
		"client#9 . [13,13) delivered by receive",
	}
	if !slices.Equal(got, want) {
		t.Errorf("packets\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCallsSayWhatTheyCarried(t *testing.T) {
	tr := hello(t)
	var got []string
	for i := range tr.Calls {
		c := &tr.Calls[i]
		got = append(got, fmt.Sprintf("%s %s conn %d stream %d [%d,%d)", tr.Name(c.Host), c.What, c.Conn, c.Span.Stream, c.Span.Lo, c.Span.Hi))
	}
	want := []string{
		"server listen conn -1 stream 0 [0,0)",
		"server accept conn 0 stream 1 [-1,0)",
		"client connect conn 0 stream 0 [-1,0)",
		"client write conn 0 stream 0 [0,7)",
		"client write conn 0 stream 0 [7,12)",
		"client shutdown conn 0 stream 0 [12,13)",
		"client read conn 0 stream 1 [0,21)",
		"server read conn 0 stream 0 [0,7)",
		"server read conn 0 stream 0 [7,12)",
		"server read conn 0 stream 0 [12,12)",
		"server write conn 0 stream 1 [0,21)",
		"server close conn 0 stream 1 [21,22)",
		"client read conn 0 stream 1 [21,21)",
		"client close conn 0 stream 0 [0,0)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("calls\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLinksAreOverlaps(t *testing.T) {
	tr := hello(t)
	m := tr.Messages[0]
	var got []string
	for r := range tr.On(m.Spans[0]) {
		switch r.Table {
		case trace.Calls:
			got = append(got, tr.Name(tr.Calls[r.Row].Host)+" "+tr.Calls[r.Row].What)
		case trace.Messages:
			got = append(got, "message")
		case trace.Packets:
			got = append(got, fmt.Sprint("packet ", r.Row+1))
		}
	}
	want := []string{"client write", "client write", "server read", "server read", "message", "packet 4", "packet 5", "packet 9"}
	if !slices.Equal(got, want) {
		t.Errorf("on the message are\n%q\nwant\n%q", got, want)
	}
	if got := tr.PacketsOn(trace.Span{Lo: 8, Hi: 9}); !slices.Equal(got, []int{4, 8}) {
		t.Errorf("byte 8 is on rows %v, want those of the lost one and its repeat", got)
	}
	if got := tr.CallsOn(trace.Span{Lo: 6, Hi: 8}, "write"); len(got) != 2 {
		t.Errorf("bytes 6 and 7 are of calls %v, want two", got)
	}
	if write, read := tr.Calls[3], tr.Calls[8]; m.Sent != write.Start || m.Arrived != read.End {
		t.Errorf("the message took from %v to %v; written at %v, read at %v", m.Sent, m.Arrived, write.Start, read.End)
	}
}

func TestBothEndsGoThroughTheStates(t *testing.T) {
	tr := hello(t)
	var states [2][]string
	for i := range tr.Samples {
		s := &tr.Samples[i]
		if n := len(states[s.End]); n == 0 || states[s.End][n-1] != s.State.String() {
			states[s.End] = append(states[s.End], s.State.String())
		}
	}
	for end, want := range [][]string{
		{"SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"},
		{"SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"},
	} {
		if !slices.Equal(states[end], want) {
			t.Errorf("end %d went through %v, want %v", end, states[end], want)
		}
	}
	if len(tr.Waiting) != 1 || tr.Waiting[0].What != "TIME-WAIT" || tr.Waiting[0].Until != tr.Waiting[0].Since+60e9 {
		t.Errorf("still waiting: %+v, want TIME-WAIT for a minute", tr.Waiting)
	}
}

// TestSamplesAgreeWithThePackets compares the numbers that an endpoint reports
// of itself with those in the headers that it sent and was handed until then.
func TestSamplesAgreeWithThePackets(t *testing.T) {
	for _, e := range experiments[:2] {
		tr := runExperiment(t, e, Options{Seed: 3})
		type ends [2]uint32
		n := len(tr.Conns)
		sndNxt, rcvNxt, rcvWnd, sndWnd, acked := make([]ends, n), make([]ends, n), make([]ends, n), make([]ends, n), make([]ends, n)
		type moment struct {
			step uint32
			row  int
			in   bool
		}
		var moments []moment
		for i := range tr.Packets {
			p := &tr.Packets[i]
			moments = append(moments, moment{p.Step, i, false})
			if p.Landed > 0 {
				moments = append(moments, moment{p.Landed, i, true})
			}
		}
		slices.SortStableFunc(moments, func(a, b moment) int {
			if a.step != b.step {
				return int(a.step) - int(b.step)
			}
			if a.in != b.in && a.in { // what is sent in a step answers what arrived in it
				return -1
			} else if a.in != b.in {
				return 1
			}
			return a.row - b.row
		})
		checked := 0
		for i := range tr.Samples {
			s := &tr.Samples[i]
			for len(moments) > 0 && moments[0].step <= s.Step {
				m := moments[0]
				moments = moments[1:]
				p := &tr.Packets[m.row]
				h := packets.Scan(tr.Bytes(p))
				conn, end := &tr.Conns[p.Conn()], p.Span.Stream.End()
				k := p.Conn()
				win := uint32(h.Window)
				if !h.Flags.Has(packets.SYN) && conn.Scaled() {
					win <<= conn.Scale[end]
				}
				if !m.in {
					sndNxt[k][end] = max(sndNxt[k][end], uint32(p.Span.Hi+1))
					rcvWnd[k][end] = win
					if h.Flags.Has(packets.ACK) {
						rcvNxt[k][end] = h.Ack - conn.ISN[1-end]
					}
					continue
				}
				if h.Flags.Has(packets.ACK) {
					if a := h.Ack - conn.ISN[1-end]; a >= acked[k][1-end] {
						acked[k][1-end], sndWnd[k][1-end] = a, win
					}
				}
			}
			k, end := s.Conn, s.End
			if s.State == trace.Closed {
				continue
			}
			checked++
			if s.SndNxt != sndNxt[k][end] || s.SndUna != acked[k][end] || s.RcvWnd != rcvWnd[k][end] {
				t.Errorf("%s: sample %d of conn %d end %d: SND.NXT %d SND.UNA %d RCV.WND %d; the headers have %d %d %d", e.name, i, k, end,
					s.SndNxt, s.SndUna, s.RcvWnd, sndNxt[k][end], acked[k][end], rcvWnd[k][end])
			}
			if s.State != trace.SynSent && s.State != trace.SynReceived && (s.RcvNxt != rcvNxt[k][end] || s.SndWnd != sndWnd[k][end]) {
				t.Errorf("%s: sample %d of conn %d end %d: RCV.NXT %d SND.WND %d; the headers have %d %d", e.name, i, k, end,
					s.RcvNxt, s.SndWnd, rcvNxt[k][end], sndWnd[k][end])
			}
			if t.Failed() {
				return
			}
		}
		if checked < 100 {
			t.Errorf("%s: only %d samples", e.name, checked)
		}
	}
}

// TestMarksAndMessages are in the order of time, whoever made them.
func TestMarksAndMessages(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		for i := range 5 {
			l.Go(h, fmt.Sprint(i), func() error {
				l.Sleep(ms * 1 << (5 - i))
				l.Mark(fmt.Sprint("mark ", i))
				return nil
			})
		}
		l.Background(h, "late", func() error {
			for !l.over.Load() {
				l.Sleep(time.Hour)
			}
			l.Mark("after the end")
			l.Message(trace.Message{Kind: "after the end"})
			return nil
		})
		return nil
	})
	var got []string
	for _, m := range tr.Marks {
		got = append(got, fmt.Sprint(m.Name, " at ", m.At))
	}
	want := []string{"mark 4 at 2ms", "mark 3 at 4ms", "mark 2 at 8ms", "mark 1 at 16ms", "mark 0 at 32ms"}
	if !slices.Equal(got, want) || len(tr.Messages) != 0 {
		t.Errorf("marks %q, want %q; messages %v", got, want, tr.Messages)
	}
}

// A close changes the state at once, also if the FIN must wait for room.
func TestACloseIsSeenBeforeItsFINIsSent(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{})
		return transfer(l, client, server, 500_000)
	})
	var closed, sent, seen time.Duration
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.What == "close" && c.Host == 0 {
			closed = c.Start
		}
	}
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.From == 0 && packets.Scan(tr.Bytes(p)).Flags.Has(packets.FIN) {
			sent = p.Sent
		}
	}
	for i := range tr.Samples {
		if s := &tr.Samples[i]; s.End == 0 && s.State == trace.FinWait1 && seen == 0 {
			seen = s.At
		}
	}
	if seen != closed || sent <= closed {
		t.Errorf("closed at %v, FIN-WAIT-1 seen at %v, FIN sent at %v", closed, seen, sent)
	}
}

// A connection may be reset before its program has accepted it.
func TestAcceptOfWhatWasResetKnowsItsConnection(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		ln := listen(t, server)
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			if _, err := c.Write([]byte("hello")); err != nil {
				return err
			}
			l.Sleep(10 * ms)
			c.(*TCPConn).Abortive()
			return c.Close()
		})
		l.Go(server, "server", func() error {
			l.Sleep(100 * ms)
			c, err := ln.Accept()
			if err != nil {
				return err
			}
			_, err = c.Read(make([]byte, 5))
			if _, again := c.Read(make([]byte, 5)); err == nil {
				err = again
			}
			if !errors.Is(err, syscall.ECONNRESET) {
				return fmt.Errorf("reading what was reset: %v", err)
			}
			return c.Close()
		})
		return nil
	})
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.What != "listen" && c.Conn != 0 {
			t.Errorf("%s of %s is on connection %d", c.What, tr.Name(c.Host), c.Conn)
		}
	}
}
