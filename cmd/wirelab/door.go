package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"wirelab/door"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
)

const (
	liveGroup                = "live"
	doorGroup scenario.Group = "door"
)

// tapCommand puts the wire between real programs.
func tapCommand() *cobra.Command {
	ex := door.Tap{}
	cmd := &cobra.Command{
		Use:     "tap",
		Short:   ex.Short(),
		Long:    ex.Long(),
		Example: ex.Examples(),
		GroupID: liveGroup,
		Args:    noArgs,
	}
	words := addWords(cmd, ex)
	cmd.Flags().Lookup("step").Hidden = true
	v := addView(cmd)
	groupUsage(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s := scenario.Default(ex)
		if err := words.apply(&s); err != nil {
			return err
		}
		if len(s.Steps) > 0 {
			return usagef("--step is for hosts that play a story; at a tap real programs talk")
		}
		if err := s.Validate(ex); err != nil {
			return usageError{err}
		}
		if err := v.check(ex.Network(&s).Names()); err != nil {
			return err
		}
		if s.Has("udp") {
			pc, err := door.ListenPacket(s.Args["listen"])
			if err != nil {
				return fmt.Errorf("--listen: %w", err)
			}
			defer pc.Close()
			return v.live(cmd, ex, s, pc.LocalAddr(), "passed on to "+s.Args["to"], func(ctx context.Context, o door.Options) (*trace.Trace, error) {
				return door.TapUDP(ctx, s, pc, o)
			})
		}
		ln, err := door.Listen(s.Args["listen"])
		if err != nil {
			return fmt.Errorf("--listen: %w", err)
		}
		defer ln.Close()
		return v.live(cmd, ex, s, ln.Addr(), "passed on to "+s.Args["to"], func(ctx context.Context, o door.Options) (*trace.Trace, error) {
			return door.TapTCP(ctx, s, ln, o)
		})
	}
	return cmd
}

// A serving is the flags that open a door to an exchange's server.
type serving struct {
	address string
}

// addServing adds them, if the exchange has a server for everyone.
func addServing(cmd *cobra.Command, ex scenario.Exchange) *serving {
	sv := &serving{}
	if _, ok := ex.(scenario.Server); !ok {
		return sv
	}
	cmd.Flags().StringVar(&sv.address, "serve", "", "open a real `address`, such as 127.0.0.1:3000: whatever connects to it talks to the server over the wire, on the real clock, until ctrl+c or --limit-time; the exchange's own client stays away")
	annotate(cmd.Flags().Lookup("serve"), string(doorGroup))
	complete(cmd, "serve", "127.0.0.1:3000")
	return sv
}

// run opens the door.
func (sv *serving) run(cmd *cobra.Command, v *view, ex scenario.Exchange, s scenario.Scenario) error {
	switch {
	case len(s.Steps) > 0:
		return usagef("--step is for hosts that play a story, and --serve for real clients; give one of them")
	case cmd.Flags().Changed("clock") && v.clock == virtualClock:
		return usagef("--serve needs the real clock: real clients keep no other; leave --clock out")
	}
	if err := door.CheckAddress(sv.address); err != nil {
		return usagef("--serve: %w", err)
	}
	ln, err := door.Listen(sv.address)
	if err != nil {
		return fmt.Errorf("--serve: %w", err)
	}
	defer ln.Close()
	return v.live(cmd, ex, s, ln.Addr(), "the server of "+ex.Name()+" answers", func(ctx context.Context, o door.Options) (*trace.Trace, error) {
		return door.Serve(ctx, ex.(scenario.Server), s, ln, o)
	})
}

// live runs a lab with a door, tells of it as it goes on, and shows what is left
// to show at the end.
func (v *view) live(cmd *cobra.Command, ex scenario.Exchange, s scenario.Scenario, at net.Addr, then string, run func(context.Context, door.Options) (*trace.Trace, error)) error {
	v.clock = realClock
	said := cmd.ErrOrStderr()
	if !door.Loopback(at) {
		fmt.Fprintf(said, "wirelab: %s can be reached from other machines, and nobody is asked who they are; 127.0.0.1 would be this machine only\n", at)
	}
	t := &telling{v: v, w: cmd.OutOrStdout(), follower: story.NewFollower(), quit: make(chan struct{}), done: make(chan error, 1)}
	listing := !v.json && v.nth == 0
	var lab *door.Live
	tr, err := run(cmd.Context(), door.Options{Opened: func(l *door.Live) {
		lab = l
		fmt.Fprintf(said, "wirelab: open at %s, %s; ctrl+c ends it\n", at, then)
		if listing {
			go func() { t.done <- t.tell(l) }()
		}
	}})
	if lab == nil {
		return err
	}
	if listing {
		close(t.quit)
		if failed := <-t.done; failed != nil {
			return failed
		}
	}
	shown := v.afterwards(cmd, ex, &s, tr)
	for _, path := range v.save {
		if shown == nil {
			v.onlyForWireshark(said, path)
		}
	}
	return errors.Join(err, shown)
}

// afterwards shows what is shown at the end of a run that was told as it went on.
func (v *view) afterwards(cmd *cobra.Command, ex scenario.Exchange, s *scenario.Scenario, tr *trace.Trace) error {
	if v.json || v.nth > 0 {
		return v.show(cmd, tr, ex, s, nil)
	}
	if err := v.saveAll(tr, ex, s); err != nil {
		return err
	}
	return v.sum(cmd.OutOrStdout(), tr)
}

// A telling is a listing that is written while a lab runs.
type telling struct {
	v        *view
	w        io.Writer
	follower *story.Follower
	quit     chan struct{}
	done     chan error
}

// lookEvery is how often one looks what is new.
const lookEvery = 100 * time.Millisecond

// tell tells until it is told to quit, and then the rest. If what it writes to is
// gone it says so at the end: the lab goes on.
func (t *telling) tell(l *door.Live) error {
	first := l.Snapshot().Latest(0)
	if _, err := fmt.Fprintf(t.w, "%s\n\n", story.Heading(first)); err != nil {
		<-t.quit
		return err
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := t.more(l, false); err != nil {
				<-t.quit
				return err
			}
		case <-t.quit:
			return t.more(l, true)
		}
	}
}

// more tells what is new.
func (t *telling) more(l *door.Live, final bool) error {
	tr, events, missed := t.follower.More(l.Snapshot(), final)
	if missed > 0 {
		if _, err := fmt.Fprintf(t.w, "(%d packets were dropped before they could be told: more came than can be written)\n", missed); err != nil {
			return err
		}
	}
	var b []byte
	for i := range events {
		if slices.Contains(t.v.zoom, events[i].Zoom) {
			b = append(append(b, t.follower.Line(tr, &events[i])...), '\n')
		}
	}
	_, err := t.w.Write(b)
	return err
}
