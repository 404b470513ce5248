package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"wirelab/trace"
	"wirelab/wire"
)

// checkSteps says what in the steps of s cannot be done by these hosts.
func checkSteps(steps []Step, hosts []string) error {
	own := map[string][]int{} // the steps of each host
	for i, s := range steps {
		own[s.Host] = append(own[s.Host], i)
	}
	reads := map[string]bool{}
	for i, s := range steps {
		switch a := s.After; {
		case !slices.Contains(hosts, s.Host):
			return fmt.Errorf("step %d: no host is called %q here; there are %s", i+1, short(s.Host), list(hosts))
		case a.N > 0 && len(own[a.Host]) < a.N:
			return fmt.Errorf("step %d: it waits for step %d of %q, which has %d", i+1, a.N, short(a.Host), len(own[a.Host]))
		case s.Verb == Sends && s.UDP && s.Port == 0 && !reads[s.Host]:
			return fmt.Errorf("step %d: a datagram needs a port to go to: sends ... to PORT over udp; without one it answers what was read before", i+1)
		}
		reads[s.Host] = reads[s.Host] || s.Verb == Reads
	}
	return checkOrder(steps, own)
}

// checkOrder says which step could never begin, because what it waits for
// waits, over others or itself, for it.
func checkOrder(steps []Step, own map[string][]int) error {
	done := map[string]int{}
	for left, moved := len(steps), true; left > 0; moved = false {
		for _, s := range steps { // each host goes on as far as it can
			for done[s.Host] < len(own[s.Host]) {
				if a := steps[own[s.Host][done[s.Host]]].After; done[a.Host] < a.N {
					break
				}
				done[s.Host]++
				left--
				moved = true
			}
		}
		if moved {
			continue
		}
		for _, s := range steps {
			if done[s.Host] < len(own[s.Host]) {
				i := own[s.Host][done[s.Host]]
				a := steps[i].After
				return fmt.Errorf("step %d: it waits for %s:%d, which comes only after it", i+1, a.Host, a.N)
			}
		}
	}
	return nil
}

// An actor is a host that plays its steps.
type actor struct {
	b       *Bench
	host    *wire.Host
	peer    *wire.Host      // with whom it talks
	done    []chan struct{} // one for each of its steps
	ln      net.Listener
	sockets map[string]net.Conn
	written map[net.Conn]int64
	first   string // the name of its first connection, which is meant if none is said
	packet  *wire.UDPConn
	from    net.Addr // of the datagram that it read last
}

// play starts a program for each host that plays its steps.
func (b *Bench) play(steps []Step, names []string) {
	actors := map[string]*actor{}
	for _, name := range names {
		// The first host is the client and the last the server; whatever is
		// between them only passes things on.
		peer := names[len(names)-1]
		if name == peer {
			peer = names[0]
		}
		actors[name] = &actor{b: b, host: b.hosts[name], peer: b.hosts[peer], sockets: map[string]net.Conn{}, written: map[net.Conn]int64{}}
	}
	own := map[string][]Step{}
	for _, s := range steps {
		own[s.Host] = append(own[s.Host], s)
		actors[s.Host].done = append(actors[s.Host].done, make(chan struct{}))
	}
	for _, name := range names {
		if len(own[name]) == 0 {
			continue
		}
		a := actors[name]
		b.Go(a.host, name, func() error {
			for i, s := range own[name] {
				if s.After.N > 0 {
					<-actors[s.After.Host].done[s.After.N-1]
				}
				b.Sleep(s.At - b.Elapsed())
				if err := a.act(s); err != nil {
					b.Fail(fmt.Sprintf("%s, step %d (%s)", name, i+1, s), err)
				}
				close(a.done[i])
			}
			return nil
		})
	}
}

// act does one step.
func (a *actor) act(s Step) error {
	switch s.Verb {
	case Listens:
		return a.listen(s)
	case Connects:
		return a.connect(s)
	case Waits:
		a.b.Sleep(s.Wait)
		return nil
	case Accepts:
		return a.accept(s.Conn)
	}
	if s.UDP || a.packet != nil && s.Conn == "" && len(a.sockets) == 0 {
		return a.actUDP(s)
	}
	c, err := a.socket(s.Conn)
	if err != nil {
		return err
	}
	switch s.Verb {
	case Sends:
		return a.send(c, s)
	case Reads:
		return read(c, s)
	case Finishes:
		return c.CloseWrite()
	case Resets:
		c.Abortive()
	}
	return c.Close()
}

func (a *actor) listen(s Step) (err error) {
	at := net.JoinHostPort("", strconv.Itoa(s.Port))
	if !s.UDP {
		a.ln, err = a.host.Listen("tcp", at)
		return err
	}
	pc, err := a.host.ListenPacket("udp", at)
	if err == nil {
		a.packet = pc.(*wire.UDPConn)
	}
	return err
}

// address is a port of its peer.
func (a *actor) address(port int) string {
	return net.JoinHostPort(a.peer.Addr().String(), strconv.Itoa(port))
}

func (a *actor) connect(s Step) error {
	if err := a.free(s.Conn); err != nil {
		return err
	}
	c, err := a.host.Dial(context.Background(), "tcp", a.address(s.Port))
	if err != nil {
		return err
	}
	a.keep(s.Conn, c)
	return nil
}

func (a *actor) accept(name string) error {
	if a.ln == nil {
		return errors.New("it does not listen")
	}
	if err := a.free(name); err != nil {
		return err
	}
	c, err := a.ln.Accept()
	if err != nil {
		return err
	}
	a.keep(name, c)
	return nil
}

// free says whether a name can be given to a connection.
func (a *actor) free(name string) error {
	switch _, taken := a.sockets[name]; {
	case taken && name == "":
		return errors.New("it has a connection already; give this one a name: as NAME")
	case taken:
		return fmt.Errorf("it has a connection %q already; give this one another name", short(name))
	}
	return nil
}

// keep remembers a connection under a name; the first needs none.
func (a *actor) keep(name string, c net.Conn) {
	if len(a.sockets) == 0 {
		a.first = name
	}
	a.sockets[name] = c
}

// socket is the connection of that name. A host that listens and has none yet
// takes the one that comes.
func (a *actor) socket(name string) (*wire.TCPConn, error) {
	if name == "" {
		name = a.first
	}
	if a.sockets[name] == nil && a.ln != nil {
		if err := a.accept(name); err != nil {
			return nil, err
		}
	}
	c, ok := a.sockets[name].(*wire.TCPConn)
	switch {
	case !ok && name == "":
		return nil, errors.New("it has no connection")
	case !ok:
		return nil, fmt.Errorf("it has no connection %q", short(name))
	}
	return c, nil
}

func (s Step) payload() []byte {
	if s.Text != "" {
		return []byte(s.Text)
	}
	return Ruler(s.Bytes)
}

func (a *actor) send(c *wire.TCPConn, s Step) error {
	m := s.payload()
	lo := a.written[c]
	a.written[c] += int64(len(m))
	a.note(c.Span(true, lo, a.written[c]), "message", m)
	_, err := c.Write(m)
	return err
}

// note records a message of this host.
func (a *actor) note(span trace.Span, kind string, m []byte) {
	a.b.Note(kind, a.host, a.peer, span, m)
}

func read(c net.Conn, s Step) error {
	switch {
	case s.End:
		_, err := io.Copy(struct{ io.Writer }{io.Discard}, c)
		return err
	case s.Bytes > 0:
		_, err := io.ReadFull(c, make([]byte, s.Bytes))
		return err
	}
	_, err := c.Read(make([]byte, 64<<10))
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// actUDP does one step with datagrams.
func (a *actor) actUDP(s Step) error {
	if a.packet == nil {
		pc, err := a.host.ListenPacket("udp", ":0")
		if err != nil {
			return err
		}
		a.packet = pc.(*wire.UDPConn)
	}
	switch s.Verb {
	case Sends:
		to := a.from
		if s.Port != 0 {
			to = net.UDPAddrFromAddrPort(netip.AddrPortFrom(a.peer.Addr(), uint16(s.Port)))
		}
		if to == nil {
			return errors.New("it does not know to whom: it has read nothing, and no port is given")
		}
		m := s.payload()
		span, err := a.packet.Send(m, to)
		if err == nil {
			a.note(span, "datagram", m)
		}
		return err
	case Reads:
		size := s.Bytes
		if size == 0 {
			size = 65535
		}
		_, from, err := a.packet.ReadFrom(make([]byte, size))
		if err == nil {
			a.from = from
		}
		return err
	case Closes:
		return a.packet.Close()
	}
	return fmt.Errorf("%s is nothing for UDP: it has no connection", s.Verb)
}
