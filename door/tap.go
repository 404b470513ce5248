package door

import (
	"context"
	"errors"
	"fmt"
	"net"

	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/wire"
)

// Tap is the exchange of real programs on both sides of the wire. It cannot run
// without them, and so not in virtual time.
type Tap struct{}

// Name implements scenario.Exchange.
func (Tap) Name() string { return "tap" }

// Aliases implements scenario.Exchange.
func (Tap) Aliases() []string { return nil }

// Short implements scenario.Exchange.
func (Tap) Short() string { return "Put the wire between any real client and any real server" }

// Long implements scenario.Exchange.
func (Tap) Long() string {
	return `A real port is opened, and whatever connects to it crosses the virtual wire and
is passed on to a real server. Client and server need not know; they see a slow
or bad network, and you see every packet of it. It lasts until ctrl+c, or
--limit-time.

The programs' bytes pass as they are. What is encrypted with TLS stays so: its
records can be seen, and not what is in them.`
}

// Examples implements scenario.Exchange.
func (Tap) Examples() string {
	return `  wirelab tap --listen 127.0.0.1:8080 --to example.org:80
      and then: curl -H 'Host: example.org' localhost:8080
  wirelab tap --listen 127.0.0.1:5433 --to 127.0.0.1:5432 --profile 4g
      a database, as if seen from a train
  wirelab tap --listen 127.0.0.1:8443 --to example.org:443 --save tls.pcapng
      TLS: records, and what Wireshark makes of them
  wirelab tap --listen 127.0.0.1:5353 --to 127.0.0.1:53 --udp --loss 20%
      datagrams: who asks again?`
}

// Args implements scenario.Exchange.
func (Tap) Args() []scenario.Arg {
	return []scenario.Arg{
		{Name: "listen", Kind: scenario.Text, Help: "real address at which clients come, such as 127.0.0.1:8080"},
		{Name: "to", Kind: scenario.Text, Help: "real address of the server, such as 127.0.0.1:80 or example.org:80"},
		{Name: "udp", Kind: scenario.Flag, Help: "datagrams instead of TCP connections"},
		scenario.HopsArg(0),
	}
}

// Network implements scenario.Exchange.
func (Tap) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Check implements scenario.Exchange.
func (Tap) Check(s *scenario.Scenario) error {
	for _, name := range []string{"listen", "to"} {
		if s.Args[name] == "" {
			return fmt.Errorf("%s: an address is missing, such as 127.0.0.1:8080", name)
		}
		if err := CheckAddress(s.Args[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Start implements scenario.Exchange.
func (Tap) Start(*scenario.Bench) error {
	return errors.New("a tap needs real programs, and they need the real clock: wirelab tap runs it")
}

// tapPort is the port of the virtual server: that of the real one, or if it has
// only a name, one that says nothing.
func tapPort(to string) string {
	_, port, _ := net.SplitHostPort(to) // it was checked
	if n, err := net.LookupPort("tcp", port); err == nil && n > 0 {
		return fmt.Sprint(n)
	}
	return "7"
}

// TapTCP puts the wire of s between the clients of ln and the server at to. It
// closes ln, and ends as Serve does.
func TapTCP(ctx context.Context, s scenario.Scenario, ln net.Listener, o Options) (*trace.Trace, error) {
	return open(ctx, Tap{}, s, o, func(ctx context.Context, b *scenario.Bench) error {
		port := net.JoinHostPort("server", tapPort(s.Args["to"]))
		in, err := b.Host("server").Listen("tcp", port)
		if err != nil {
			return err
		}
		x := &exit{b: b, ctx: ctx, ln: in, to: s.Args["to"]}
		b.Background(b.Host("server"), "way out", x.accept)
		e := &entry{b: b, ctx: ctx, ln: ln, to: port, free: make(chan struct{}, MostConnections)}
		b.Go(b.Host("client"), "door", e.accept)
		return nil
	})
}

// An exit passes the connections of a port on the wire on to a real server.
type exit struct {
	b   *scenario.Bench
	ctx context.Context
	ln  net.Listener
	to  string
}

func (x *exit) accept() error {
	server := x.b.Host("server")
	for {
		c, err := x.ln.Accept()
		if err != nil {
			return err
		}
		on := inside{c.(*wire.TCPConn)}
		x.b.Background(server, "way out of "+c.RemoteAddr().String(), func() error {
			x.carry(on)
			return nil
		})
	}
}

// carry is what happens with one connection. A server that cannot be reached is
// a connection that is reset: on the wire it had begun already.
func (x *exit) carry(on inside) {
	server := x.b.Host("server")
	var d net.Dialer
	c, err := d.DialContext(x.ctx, "tcp", x.to)
	if err != nil {
		tell(x.b, server, "pass on", "", fmt.Errorf("%s: %w", on.RemoteAddr(), err))
		on.abort()
		return
	}
	defer context.AfterFunc(x.ctx, func() { c.Close() })()
	tell(x.b, server, "pass on", fmt.Sprintf("%s to %s", on.RemoteAddr(), c.RemoteAddr()), nil)
	join(on, outside{c.(*net.TCPConn)})
}
