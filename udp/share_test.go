package udp_test

import (
	"context"
	"math"
	"testing"
	"time"

	"wirelab/scenario"
	"wirelab/udp"
)

// With a loss of p each way a share of 1-(1-p)^2 of the questions is never
// answered, and every other answer takes one round trip exactly: nobody waits
// for what was lost before.
func TestLossIsAShareOfTheRoundTripsAndDelaysNone(t *testing.T) {
	const n, p = 4000, 0.01
	const delay = 5 * time.Millisecond
	ex := udp.Exchange{}
	s := scenario.Default(ex)
	s.Args["count"], s.Args["size"], s.Args["timeout"] = "4000", "64", "1s"
	s.Up.Loss, s.Down.Loss = p, p
	s.Up.Delay, s.Down.Delay = delay, delay
	s.Up.Rate, s.Down.Rate = 0, 0
	s.Limits.Time = 2 * time.Hour
	tr, err := scenario.Run(context.Background(), ex, s)
	if err != nil {
		t.Fatal(err)
	}
	lost, answered := 0, 0
	for i := range tr.Calls {
		c := &tr.Calls[i]
		if c.Host != 0 || c.What != "read" {
			continue
		}
		switch {
		case c.Result != "":
			lost++
		case c.End-c.Start != 2*delay:
			t.Fatalf("an answer took %v, want %v", c.End-c.Start, 2*delay)
		default:
			answered++
		}
	}
	if lost+answered != n {
		t.Fatalf("%d lost and %d answered of %d", lost, answered, n)
	}
	want := 1 - (1-p)*(1-p)
	got, sd := float64(lost)/n, math.Sqrt(want*(1-want)/n)
	if math.Abs(got-want) > 3.3*sd { // 99.9 % of seeds; this one is fixed
		t.Errorf("%.2f %% are lost, want %.2f %% within %.2f", 100*got, 100*want, 330*sd)
	}
}
