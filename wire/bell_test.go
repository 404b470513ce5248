package wire

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// Whoever waits runs when the one that rang has come to rest, and once for each
// time that it waited.
func TestABellWakesWhenAllIsAtRest(t *testing.T) {
	for range 20 {
		var seen []string
		l := New(Options{Seed: 1})
		_, err := l.Run(context.Background(), func() error {
			client, _ := pair(t, l, Conditions{Delay: ms}, HostOptions{})
			bell := l.NewBell()
			l.Go(client, "waits", func() error {
				for range 2 {
					if bell.Wait() {
						return fmt.Errorf("the run is over")
					}
					seen = append(seen, fmt.Sprint("woken at ", l.Elapsed()))
				}
				return nil
			})
			l.Go(client, "rings", func() error {
				l.Sleep(3 * ms)
				bell.Ring()
				bell.Ring()
				seen = append(seen, "rung")
				l.Sleep(ms)
				bell.Ring()
				return nil
			})
			return nil
		})
		if want := []string{"rung", "woken at 3ms", "woken at 4ms"}; err != nil || !slices.Equal(seen, want) {
			t.Fatalf("%v, %v; want %v", seen, err, want)
		}
	}
}

func TestABellThatWasRungBefore(t *testing.T) {
	l := New(Options{Seed: 1})
	_, err := l.Run(context.Background(), func() error {
		client, _ := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		l.Go(client, "one", func() error {
			bell := l.NewBell()
			bell.Ring()
			bell.Wait()
			return nil
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A program that waits in vain does not outlive the run.
func TestTheEndOfTheRunAnswersABell(t *testing.T) {
	over := false
	l := New(Options{Seed: 1})
	_, err := l.Run(context.Background(), func() error {
		client, _ := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		l.Background(client, "waits", func() error {
			over = l.NewBell().Wait()
			return nil
		})
		l.Go(client, "sleeps", func() error { l.Sleep(ms); return nil })
		return nil
	})
	if err != nil || !over {
		t.Errorf("%v, over %v", err, over)
	}
}
