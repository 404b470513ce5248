package socketio

import (
	"fmt"
	"sync"

	"wirelab/packets/engineio"
	"wirelab/socketio/engine"
)

// echo is a client's program without Socket.IO: it sends messages, which the
// server echoes.
func (p *plan) echo(name string) {
	env := engine.InLab(p.b.Lab, p.client, name)
	record := record(env, "")
	bell := p.b.NewBell()
	var mu sync.Mutex
	came, over := 0, false
	change := func(f func()) {
		mu.Lock()
		f()
		mu.Unlock()
		bell.Ring()
	}
	var c *engine.Client
	err := record("connect", func() (note string, err error) {
		c, err = engine.Connect(env, p.clientOptions(EnginePath), engine.ClientEvents{
			Message: func(engineio.Packet) { change(func() { came++ }) },
			Upgraded: func(err error) {
				record("upgrade", func() (string, error) { return "from polling to a WebSocket", err })
			},
			Closed: func(reason string) {
				record("disconnect", func() (string, error) { return reason, nil })
				change(func() { over = true })
			},
		})
		if err != nil {
			return "", err
		}
		return "over " + c.Transport() + ", session " + c.Handshake().SID, nil
	})
	if err != nil {
		p.b.Fail(name, err)
		return
	}
	message := engineio.Packet{Type: engineio.Message, Binary: p.s.Int("binary") > 0, Data: p.text}
	for i := range p.s.Int("count") {
		if i > 0 {
			p.b.Sleep(p.s.Time("interval"))
		}
		record("send", func() (string, error) {
			c.Send(message)
			return fmt.Sprintf("message %d", i+1), nil
		})
	}
	done := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return over || came == p.s.Int("count")
	}
	for !done() {
		if bell.Wait() {
			return
		}
	}
	p.b.Sleep(p.s.Time("stay"))
	c.Close()
}
