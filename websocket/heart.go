package websocket

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	gorilla "github.com/gorilla/websocket"

	"wirelab/packets"
	"wirelab/web"
)

// A heart is what one end knows of the pings that it sends.
type heart struct {
	mu     sync.Mutex
	ended  bool
	given  bool      // a ping was not answered in time
	pings  int       // sent so far
	waits  bool      // for the answer to the last
	asked  time.Time // when that was sent
	cancel func() bool
}

var errNoPong = errors.New("a ping was not answered until the next was due: the other side is taken for dead")

// startHeart lets the first ping be sent after an interval.
func (c *Conn) startHeart() {
	h := &c.heart
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.o.PingInterval > 0 && !h.ended {
		h.cancel = c.env.AfterFunc(c.o.PingInterval, c.beat)
	}
}

// stopHeart says whether the connection was given up for a ping without answer.
func (c *Conn) stopHeart() bool {
	h := &c.heart
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	if h.cancel != nil {
		h.cancel()
	}
	return h.given
}

// beat sends a ping, or gives up if the last was not answered.
func (c *Conn) beat() {
	h := &c.heart
	h.mu.Lock()
	if h.ended {
		h.mu.Unlock()
		return
	}
	if h.waits {
		h.given, h.ended = true, true
		h.mu.Unlock()
		_ = c.env.Call("give up", func() (string, error) {
			return fmt.Sprintf("ping %d was not answered within %s", h.pings, c.o.PingInterval), c.guard.Conn.Close()
		})
		return
	}
	h.pings++
	h.waits, h.asked = true, c.env.Now()
	payload := strconv.Itoa(h.pings)
	h.mu.Unlock()
	err := c.env.Call("ping", func() (string, error) {
		return "ping " + payload, c.ws.WriteControl(gorilla.PingMessage, []byte(payload), c.env.Now().Add(c.o.PingInterval))
	})
	if err == nil {
		c.startHeart()
	}
}

// pong answers a ping with its own payload (RFC 6455 section 5.5.3).
func (c *Conn) pong(payload string) error {
	err := c.env.Call("pong", func() (string, error) {
		return fmt.Sprintf("answers ping %q", packets.Text([]byte(payload), textLen)), c.ws.WriteControl(gorilla.PongMessage, []byte(payload), c.env.Now().Add(closeWait))
	})
	if errors.Is(err, gorilla.ErrCloseSent) {
		return nil
	}
	return err
}

// onPong takes the answer to a ping.
func (c *Conn) onPong(payload string) error {
	return c.env.Call("on pong", func() (string, error) {
		h := &c.heart
		h.mu.Lock()
		defer h.mu.Unlock()
		if !h.waits || payload != strconv.Itoa(h.pings) {
			return "nobody asked for it", nil
		}
		h.waits = false
		return fmt.Sprintf("ping %s was answered after %s", payload, web.Took(c.env.Now().Sub(h.asked))), nil
	})
}
