package exchanges

import (
	"reflect"
	"runtime"
	"testing"

	"wirelab/scenario/chance"
)

// TestARandomScenarioIsAPureFunction runs random Scenarios twice, beside a busy
// machine and with any number of processors: the traces are the same in all.
func TestARandomScenarioIsAPureFunction(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.Gosched()
			}
		}
	}()
	seeds := uint64(100)
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		text := chance.TCP(seed) + "limit-frames: 3000"
		first, one := play(t, text)
		procs := runtime.GOMAXPROCS(1 + int(seed%3))
		again, two := play(t, text)
		runtime.GOMAXPROCS(procs)
		if !reflect.DeepEqual(first, again) || (one == nil) != (two == nil) || one != nil && one.Error() != two.Error() {
			t.Errorf("seed %d: two traces, of %d and %d packets; %v, %v\n%s", seed, len(first.Packets), len(again.Packets), one, two, text)
		}
	}
}
