package scenario

import (
	"fmt"
	"time"

	"wirelab/wire"
)

// A profile is a wire that people know, by its usual figures; each can still be
// changed one by one.
type profile struct {
	name     string
	up, down wire.Conditions
}

func profiles() []profile {
	both := func(name string, c wire.Conditions) profile { return profile{name, c, c} }
	return []profile{
		both("lan", wire.Conditions{Delay: 200 * time.Microsecond, Rate: 1e9}),
		both("wifi", wire.Conditions{Delay: 2 * time.Millisecond, Jitter: 4 * time.Millisecond, Rate: 50e6, Loss: 0.005}),
		{"4g",
			wire.Conditions{Delay: 25 * time.Millisecond, Jitter: 15 * time.Millisecond, Rate: 10e6, Loss: 0.001},
			wire.Conditions{Delay: 25 * time.Millisecond, Jitter: 15 * time.Millisecond, Rate: 30e6, Loss: 0.001}},
		{"satellite", // geostationary: 36,000 km up and down again
			wire.Conditions{Delay: 280 * time.Millisecond, Rate: 5e6, Loss: 0.001},
			wire.Conditions{Delay: 280 * time.Millisecond, Rate: 50e6, Loss: 0.001}},
		both("bad", wire.Conditions{Delay: 100 * time.Millisecond, Jitter: 50 * time.Millisecond, Rate: 1e6,
			Burst: wire.Burst{Share: 0.03, Length: 4}, Duplicate: 0.01, Reorder: 0.02, Corrupt: 0.005}),
	}
}

// profileWord sets all conditions at once. It says nothing of itself in the
// text form, where they stand one by one.
func profileWord() Word {
	var names []string
	for _, p := range profiles() {
		names = append(names, p.name)
	}
	return Word{Name: "profile", Group: CableGroup, Value: "name", Help: "a wire that people know: " + list(names), choices: names,
		set: func(s *Scenario, t string) error {
			for _, p := range profiles() {
				if p.name == t {
					s.Up, s.Down = p.up, p.down
					return nil
				}
			}
			return fmt.Errorf("%q is not known%s; there are %s", short(t), DidYouMean(t, names), list(names))
		},
		get: func(*Scenario) string { return "" }}
}
