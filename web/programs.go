package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/wire"
)

// plan is what the programs have in common.
type plan struct {
	b              *scenario.Bench
	s              *scenario.Scenario
	client, server *wire.Host
	page           []byte
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	p := &plan{b: b, s: s, client: b.Host("client"), server: b.Host("server"), page: scenario.Ruler(s.Size("size"))}
	ln, err := p.server.Listen("tcp", net.JoinHostPort("server", s.Args["port"]))
	if err != nil {
		return err
	}
	srv := NewServer(http.HandlerFunc(p.serve))
	b.Background(p.server, "server", func() error { return srv.Serve(ln) })
	for i := range max(s.Int("clients"), 1) {
		name := "client"
		if s.Int("clients") > 1 {
			name = fmt.Sprintf("client %d", i+1)
		}
		b.Go(p.client, name, func() error {
			if err := p.visit(); err != nil {
				b.Fail(name, err)
			}
			return nil
		})
	}
	return nil
}

// serve answers a request.
func (p *plan) serve(w http.ResponseWriter, r *http.Request) {
	_ = p.b.Call(p.server, "answer", func() (string, error) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return "404 to " + r.Method + " " + r.URL.Path, nil
		}
		return fmt.Sprintf("200 to %s %s, %s bytes", r.Method, r.URL.Path, packets.Number(len(p.page))), p.write(w)
	})
	if p.s.Args["break-off"] != "" && r.URL.Path == "/" {
		panic(http.ErrAbortHandler) // the way to end a connection in the middle
	}
}

// write writes the page, or the part of it before the server breaks off.
func (p *plan) write(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/plain")
	page, piece := p.page, len(p.page)
	if p.s.Args["break-off"] != "" {
		page = page[:p.s.Size("break-off")]
	}
	switch p.s.Args["end"] {
	case byLength:
		w.Header().Set("Content-Length", strconv.Itoa(len(p.page)))
	case byChunks:
		piece = p.s.Size("chunk")
	case byClosing:
		w.Header().Set("Transfer-Encoding", "identity") // as net/http is told to
	}
	if len(page) == 0 {
		return http.NewResponseController(w).Flush()
	}
	for len(page) > 0 {
		n := min(piece, len(page))
		if _, err := w.Write(page[:n]); err != nil {
			return err
		}
		page = page[n:]
		if p.s.Args["end"] == byLength && p.s.Args["break-off"] == "" {
			continue // head and body together
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
	}
	return nil
}

// NewClient is a client whose connections open opens. It asks for no compression,
// which would have to be undone before one can read what crossed the wire.
func NewClient(open func(ctx context.Context, network, address string) (net.Conn, error), keepAlive bool) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: open, DisableKeepAlives: !keepAlive, DisableCompression: true}}
}

// visit is one client.
func (p *plan) visit() error {
	hc := NewClient(p.client.Dial, !p.s.Has("no-keep-alive"))
	defer hc.CloseIdleConnections()
	for i := range p.s.Int("count") {
		if i > 0 {
			p.b.Sleep(p.s.Time("interval"))
		}
		err := p.b.Call(p.client, "get", func() (string, error) { return p.get(hc) })
		if err != nil && !(p.s.Args["break-off"] != "" && errors.Is(err, io.ErrUnexpectedEOF)) {
			return err
		}
	}
	return nil
}

// get fetches the page once.
func (p *plan) get(hc *http.Client) (note string, err error) {
	began := p.b.Now()
	r, err := hc.Get(URL("http", p.s.Args["port"], p.s.Args["path"]))
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", fmt.Errorf("%s bytes came, and then no more: %w", packets.Number(len(body)), err)
	}
	how := "as long as its head said"
	switch {
	case len(r.TransferEncoding) > 0:
		how = "to its last chunk"
	case r.ContentLength < 0:
		how = "until the connection ended"
	}
	return fmt.Sprintf("%s, %s bytes, %s; %s", r.Status, packets.Number(len(body)), how, Took(p.b.Now().Sub(began))), nil
}
