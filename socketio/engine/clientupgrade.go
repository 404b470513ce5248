package engine

import (
	"errors"
	"net"

	"wirelab/packets/engineio"
)

// upgrade is the client's part of an upgrade (tryUpgrade is the server's). When
// the probe has come back, no new request is made; the last ones come back, so
// that nothing is lost or overtaken; and only then does the upgrade packet go
// out, and behind it what was queued meanwhile.
func (c *Client) upgrade() {
	stop := c.env.AfterFunc(c.o.Timeout, c.giveUpProbe)
	ws, err := c.probe()
	stop()
	if err != nil {
		if !c.over() { // else nothing stays on polling
			c.upgraded(err)
		}
		return
	}
	c.mu.Lock()
	idle := make(chan struct{})
	if c.paused = idle; c.busy == 0 {
		close(idle)
	}
	c.mu.Unlock()
	<-idle
	if err := ws.write(engineio.Packet{Type: engineio.Upgrade}); err != nil {
		ws.abort()
		c.end(whyEnded(err))
		return
	}
	c.mu.Lock()
	c.paused = nil
	if c.closed {
		c.mu.Unlock()
		ws.abort()
		return
	}
	c.ws = ws
	c.mu.Unlock()
	c.upgraded(nil)
	c.http.CloseIdleConnections()
	c.Send()
	c.readFrames(ws)
}

func (c *Client) upgraded(err error) {
	if c.events.Upgraded != nil {
		c.events.Upgraded(err)
	}
}

// probe opens a WebSocket beside the session and sees whether a packet comes
// back over it.
func (c *Client) probe() (*socket, error) {
	ws, err := c.dialSocket()
	if err != nil {
		return nil, err
	}
	if err = ws.write(engineio.Text(engineio.Ping, engineio.Probe)); err == nil && !expect(ws, engineio.Text(engineio.Pong, engineio.Probe)) {
		err = errors.New("the probe was not answered")
	}
	c.mu.Lock()
	c.conn = nil
	if c.closed && err == nil {
		err = net.ErrClosed
	}
	c.mu.Unlock()
	if err != nil {
		ws.abort()
		return nil, err
	}
	return ws, nil
}

// giveUpProbe ends a probe that takes too long; the session stays on polling.
func (c *Client) giveUpProbe() {
	c.mu.Lock()
	conn := c.conn
	c.conn = nil
	c.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
}
