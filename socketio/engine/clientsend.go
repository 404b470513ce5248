package engine

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"wirelab/packets/engineio"
)

// Send queues packets, which stay together. On a WebSocket they are written
// before it returns, unless another goroutine is at it; else they go out with
// the next POST.
func (c *Client) Send(ps ...engineio.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.leaving && len(ps) > 0 {
		return
	}
	c.out.add(ps...)
	switch {
	case c.flushing || c.paused != nil:
	case c.ws != nil:
		c.flushing = true
		c.writeFrames()
	case !c.out.empty():
		c.flushing = true
		c.env.Go(c.post)
	}
}

// writeFrames writes what is queued. c.mu must be held, and c.flushing set; it is
// given up while the network may wait.
func (c *Client) writeFrames() {
	for !c.out.empty() && !c.closed {
		batch := c.out.all()
		c.mu.Unlock()
		if err := writeAll(c.ws, batch); err != nil {
			c.end(whyEnded(err))
		}
		c.mu.Lock()
	}
	c.flushing = false
	if c.leaving && !c.closed {
		c.mu.Unlock()
		c.end(ForcedClose)
		c.mu.Lock()
	}
}

// post sends what is queued in POSTs, one after the other.
func (c *Client) post() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.out.empty() && !c.closed && c.paused == nil && c.ws == nil {
		batch := c.out.take(orElse(c.shake.MaxPayload, 1_000_000))
		c.busy++
		c.mu.Unlock()
		_, err := c.request(http.MethodPost, engineio.Payload(batch))
		if err != nil {
			c.end(TransportError)
		}
		c.mu.Lock()
		c.rest()
	}
	c.flushing = false
	if c.ws != nil && !c.closed { // an upgrade came in between
		c.flushing = true
		c.writeFrames()
	} else if c.leaving && !c.closed && c.paused == nil {
		c.mu.Unlock()
		c.end(ForcedClose)
		c.http.CloseIdleConnections()
		c.mu.Lock()
	}
}

// rest notes that a request is over. c.mu must be held.
func (c *Client) rest() {
	if c.busy--; c.busy == 0 && c.paused != nil {
		close(c.paused)
	}
}

// poll asks for what the server has to say, again and again.
func (c *Client) poll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.closed && c.paused == nil && c.ws == nil {
		c.busy++
		c.mu.Unlock()
		ps, err := c.get()
		for _, p := range ps {
			c.take(p)
		}
		switch {
		case err == nil:
		case c.over(): // it has said goodbye, and the server takes no more polls: that is no failure
			c.end(ForcedClose)
		default:
			c.end(whyFailed(err))
		}
		c.mu.Lock()
		c.rest()
	}
	if c.closed {
		c.http.CloseIdleConnections()
	}
}

// whyFailed puts the error of a poll into the libraries' words.
func whyFailed(err error) string {
	if why := whyEnded(err); why == ParseError {
		return why
	}
	return TransportError
}

// get is one poll. Packets before one that is wrong are returned with the error.
func (c *Client) get() (ps []engineio.Packet, err error) {
	body, err := c.request(http.MethodGet, nil)
	if err != nil {
		return nil, err
	}
	for p, err := range engineio.Packets(body) {
		if err != nil {
			return ps, err
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// request is one request and its answer's body.
func (c *Client) request(method string, body []byte) ([]byte, error) {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	r, err := http.NewRequestWithContext(c.ctx, method, c.url(Polling).String(), content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "wirelab")
	if body != nil {
		r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	most := int64(c.o.MaxMessage)
	b, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	switch {
	case err != nil:
		return nil, err
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server answered %s: %s", answer.Status, bytes.TrimSpace(b[:min(len(b), 200)]))
	case int64(len(b)) > most:
		return nil, fmt.Errorf("the server's answer is longer than %d bytes", most)
	}
	return b, nil
}
