package scene_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
	"wirelab/wire"
)

// A switch sends a broadcast to all: one packet for each, in rows of their own
// that stand later in the table.
func TestABroadcastGoesToEverybody(t *testing.T) {
	l := wire.New(wire.Options{Seed: 1})
	tr, err := l.Run(context.Background(), func() error {
		s := l.Switch()
		var hosts []*wire.Host
		for i := range 4 {
			h, err := l.Host(fmt.Sprintf("h%d", i), netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), wire.HostOptions{})
			if err != nil {
				return err
			}
			s.Plug(h, wire.Conditions{Delay: 5 * ms, Rate: 1e6}, wire.Conditions{Delay: 5 * ms, Rate: 1e6})
			hosts = append(hosts, h)
		}
		ln, err := hosts[3].Listen("tcp", ":80")
		if err != nil {
			return err
		}
		for range 3 {
			l.Go(hosts[3], "server", func() error {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				defer c.Close()
				_, err = io.ReadAll(c)
				return err
			})
		}
		for i, h := range hosts[:3] {
			l.Go(h, "client", func() error {
				l.Sleep(time.Duration(i) * ms) // while the question of the one before is under way
				c, err := h.Dial(context.Background(), "tcp", "10.0.0.4:80")
				if err != nil {
					return err
				}
				if _, err := c.Write(make([]byte, 5000*(i+1))); err != nil {
					return err
				}
				return c.Close()
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if slices.IsSortedFunc(tr.Packets, func(a, b trace.Packet) int { return int(a.Sent - b.Sent) }) {
		t.Fatal("no row was written later than it was sent")
	}
	c := newChecker(t, scene.New(story.NewTeller(tr)), map[string]int{})
	asked := map[uint16]bool{}
	for _, m := range moments(c.s, rand.New(rand.NewPCG(1, 1)), 1<<20) {
		c.follow(m)
		c.cable(m)
		for _, f := range c.s.UnderWay(scene.OfConn(-1), m) {
			if f.From == 0 {
				asked[f.To] = true
			}
		}
		for conn := range tr.Conns {
			c.ends(int32(conn), m)
		}
	}
	if len(asked) != 3 {
		t.Errorf("the first host asks %v, want the three others", asked)
	}
	if got := c.s.Lanes(scene.All()); !slices.Equal(got, []uint16{0, 1, 2, 3}) {
		t.Errorf("lanes %v", got)
	}
	rungs, _ := c.s.Ladder(scene.All(), c.t.At(tr.End), 1<<20)
	if len(rungs) != len(tr.Packets) || !slices.IsSortedFunc(rungs, func(a, b scene.Rung) int { return int(a.Sent - b.Sent) }) {
		t.Errorf("%d rungs of %d packets, or not in order", len(rungs), len(tr.Packets))
	}
}
