package exchanges

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"wirelab/trace"
)

// The exchanges on HTTP have the goroutines and timers of net/http and of a
// library for WebSocket in them; on a busy machine they too come out the same,
// byte for byte.
func TestTheSameOnABusyMachine(t *testing.T) {
	runs := 20
	if testing.Short() {
		runs = 3
	}
	end := make(chan struct{})
	var busy sync.WaitGroup
	for range 2 {
		busy.Go(func() {
			for x := 1; ; x = x*7 + 1 {
				select {
				case <-end:
					return
				default:
					runtime.KeepAlive(x)
				}
			}
		})
	}
	defer busy.Wait()
	defer close(end)
	const lossy = "\nup: delay=20ms,rate=10mbit,loss=4%,jitter=3ms\ndown: delay=20ms,rate=10mbit,loss=4%,reorder=2%"
	for _, text := range []string{
		"exchange: http\nclients: 4\ncount: 3\nno-keep-alive: true\nend: chunked\nsize: 3000" + lossy,
		"exchange: http\nclients: 3\ncount: 3\nsize: 10kB" + lossy,
		"exchange: longpoll\nclients: 6\nevents: 4\nmean: 200ms" + lossy,
		"exchange: longpoll\nclients: 6\nat: 300ms,300ms,300ms,600ms,600ms",
		"exchange: longpoll\nclients: 6\nevents: 4\nmean: 200ms\nevery: 150ms\nno-keep-alive: true" + lossy,
		"exchange: websocket\nclients: 4\ncount: 3\npush: 4\nevery: 20ms\nping-interval: 30ms\nidle: 50ms\nfragment: 700\nsize: 2kB" + lossy,
		"exchange: websocket\nclients: 4\ncount: 2\ncompress: true\nsize: 20kB\nclose: none" + lossy,
		"exchange: websocket\nclients: 3\nillegal: too-big" + lossy,
	} {
		before := runtime.NumGoroutine()
		first := ""
		for i := range runs {
			tr, err := play(t, text)
			if tr == nil {
				t.Fatalf("%s\n%v", text, err)
			}
			if wrong := tr.Check(); wrong != nil {
				t.Fatalf("%s\nthe trace is not sound: %v", text, wrong)
			}
			if got := fingerprint(tr); first == "" {
				first = got
			} else if got != first {
				t.Fatalf("%s\nrun %d differs from the first", text, i+1)
			}
		}
		for range 1000 {
			if runtime.NumGoroutine() <= before {
				break
			}
			runtime.Gosched()
		}
		if after := runtime.NumGoroutine(); after > before {
			t.Errorf("%s\n%d goroutines before, %d after", text, before, after)
		}
	}
}

// fingerprint is all that a trace holds, in short.
func fingerprint(tr *trace.Trace) string {
	h := sha256.New()
	for i := range tr.Packets {
		p := &tr.Packets[i]
		binary.Write(h, binary.LittleEndian, []int64{int64(p.Sent), int64(p.Arrived), int64(p.Fate), p.Span.Lo, p.Span.Hi})
		h.Write(tr.Bytes(p))
	}
	fmt.Fprintln(h, tr.Calls, tr.Samples, tr.Messages, tr.Marks, tr.Waiting, tr.Conns, tr.End, tr.Err)
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
