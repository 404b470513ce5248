package wire

import (
	"cmp"
	"iter"
	"slices"
	"unsafe"

	"wirelab/trace"
)

// A callLog collects what the programs call. Rows of one step may be appended
// in any order; sorted puts them into one that is always the same.
type callLog struct {
	rows    []loggedCall
	open    int              // program calls that have not returned
	sockets map[int32]flowed // on the real clock: of those that have not returned
}

type loggedCall struct {
	trace.Call
	key    uint64 // orders the calls that began in one step
	socket flowed // finds the connection; nil: none
}

// A flowed is a socket that can say which connection it is part of.
type flowed interface {
	// stream returns the stream on which the socket's owner sends.
	stream() (trace.Stream, bool)
}

// begin adds a call that starts now, with l.mu held, and returns its row.
func (g *callLog) begin(l *Lab, h *Host, what string, key uint64, s flowed) int32 {
	c := loggedCall{key: key, socket: s}
	c.Parent, c.Host, c.Conn, c.What = -1, h.number, -1, what
	l.turn()
	c.Start, c.Began, c.End = l.elapsed(), l.step, trace.Never
	l.last = c.Start
	if g.open > 0 {
		if p := l.running[goroutine()]; p != nil && len(p.open) > 0 {
			c.Parent = p.open[len(p.open)-1]
		}
	}
	if l.opt.Real {
		c.locate()
		row := l.rec.Begin(c.Call)
		if s != nil {
			g.sockets[row] = s
		}
		return row
	}
	g.rows = append(g.rows, c)
	return int32(len(g.rows) - 1)
}

// locate finds out on which connection the call is. l.mu must be held, or all be
// at rest.
func (c *loggedCall) locate() {
	if c.socket == nil {
		return
	}
	if s, ok := c.socket.stream(); ok {
		c.Conn = s.Conn()
	}
}

// end writes down how the call in a row returned, with l.mu held.
func (g *callLog) end(l *Lab, row int32, span trace.Span, note string, err error) {
	l.turn()
	l.last = l.elapsed()
	if !l.opt.Real {
		c := &g.rows[row].Call
		c.End, c.Ended, c.Span, c.Note, c.Result = l.last, l.step, span, note, result(err)
		return
	}
	l.rec.Return(row, func(c *trace.Call) {
		c.End, c.Ended, c.Span, c.Note, c.Result = l.last, l.step, span, note, result(err)
		if s := g.sockets[row]; s != nil && c.Conn < 0 {
			at := loggedCall{Call: *c, socket: s}
			at.locate()
			c.Conn = at.Conn
		}
	})
	delete(g.sockets, row)
}

// unreturned yields the calls that have not returned, with l.mu held.
func (g *callLog) unreturned(l *Lab) iter.Seq[*trace.Call] {
	return func(yield func(*trace.Call) bool) {
		for row, c := range l.rec.Open {
			open := loggedCall{Call: *c, socket: g.sockets[row]}
			open.locate()
			if !yield(&open.Call) {
				return
			}
		}
		for _, row := range g.order() {
			if c := &g.rows[row]; c.End == trace.Never {
				c.locate()
				if !yield(&c.Call) {
					return
				}
			}
		}
	}
}

// call begins a call of a socket and returns what ends it.
func (l *Lab) call(h *Host, what string, key uint64, s flowed) int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls.begin(l, h, what, key, s)
}

// done ends a call that wrote or was given span.
func (l *Lab) done(row int32, span trace.Span, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over.Load() {
		return // it was still waiting when the run ended
	}
	l.catchUp()
	l.calls.end(l, row, span, "", err)
}

func result(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// size is the memory that the rows take.
func (g *callLog) size() int64 { return int64(len(g.rows)) * int64(unsafe.Sizeof(loggedCall{})) }

// order returns the rows in the order of time, and within a moment in one that
// does not depend on the scheduler.
func (g *callLog) order() []int32 {
	order := make([]int32, len(g.rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		x, y := &g.rows[a], &g.rows[b]
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.Began, y.Began), cmp.Compare(x.key, y.key))
	})
	return order
}

// sorted returns the calls in their order.
func (g *callLog) sorted() []trace.Call {
	order := g.order()
	place := make([]int32, len(order))
	calls := make([]trace.Call, len(order))
	for i, row := range order {
		place[row] = int32(i)
	}
	for i, row := range order {
		c := &g.rows[row]
		c.locate()
		if c.Parent >= 0 {
			c.Parent = place[c.Parent]
		}
		calls[i] = c.Call
	}
	return calls
}
