package wire

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"runtime"
	"runtime/debug"
	"strconv"

	"wirelab/trace"
)

// A program is a goroutine of an experiment that the lab knows by name.
type program struct {
	host *Host
	name string
	gate *gate
	open []int32 // its program calls that have not returned, outermost first
}

// Go starts a program on host h. The run lasts until all programs have
// returned; the first error that one returns ends it. Programs start one after
// the other, in the order of the calls of Go.
func (l *Lab) Go(h *Host, name string, f func() error) {
	l.enter()
	l.mu.Lock()
	l.programs++
	l.mu.Unlock()
	l.launch(h, name, f, func(p *program, err error) {
		l.mu.Lock()
		l.programs--
		l.poke()
		l.mu.Unlock()
		if err != nil {
			l.fail(p, err)
		}
	})
}

// Background starts a program that the run does not wait for, such as a server
// that would accept for ever. Its sockets are closed under it when the run is
// over; it must then return.
func (l *Lab) Background(h *Host, name string, f func() error) {
	l.enter()
	l.launch(h, name, f, func(p *program, err error) {
		if err != nil && !errors.Is(err, net.ErrClosed) {
			l.fail(p, err)
		}
	})
}

// launch lets a program start, and tells done how it ended.
func (l *Lab) launch(h *Host, name string, f func() error, done func(*program, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &program{host: h, name: name, gate: newGate(l.newKeys(1))}
	l.schedule(&event{wakes: true, key: p.gate.key, cause: trace.AtSend, call: func() {
		l.mu.Lock()
		l.alive++
		l.mu.Unlock()
		go func() {
			id := goroutine()
			l.mu.Lock()
			l.running[id] = p
			l.mu.Unlock()
			err := fmt.Errorf("%s: ended by runtime.Goexit", name)
			defer func() {
				l.mu.Lock()
				delete(l.running, id)
				l.mu.Unlock()
				done(p, err)
				l.mu.Lock()
				l.alive--
				l.mu.Unlock()
				l.wake()
			}()
			err = guard(name, f)
		}()
	}}, 0)
}

// ownGate is a gate for the calling goroutine: that of its program. One that a
// program started with go (net/http dials in such) goes by its program's key.
// Among those that no program itself has started, and among the children of one
// that act in one step, the order is the scheduler's.
func (l *Lab) ownGate() *gate {
	if l.opt.Real {
		return newGate(0)
	}
	id := goroutine()
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.running[id]; p != nil {
		return p.gate
	}
	if p := l.running[parent()]; p != nil {
		return newGate(p.gate.key)
	}
	return newGate(0)
}

// Call records f as one call of a program on host h: the parent of the socket
// calls that f makes in its own goroutine. The note says what came of it.
func (l *Lab) Call(h *Host, what string, f func() (note string, err error)) error {
	l.enter()
	id, gate := goroutine(), l.ownGate()
	l.mu.Lock()
	p, known := l.running[id]
	if !known {
		p = &program{host: h, gate: gate}
		l.running[id] = p
	}
	row := l.calls.begin(l, h, what, p.gate.key, nil)
	p.open = append(p.open, row)
	l.calls.open++
	l.mu.Unlock()

	note, err := f()

	l.enter()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over.Load() {
		l.calls.end(l, row, trace.Span{}, note, err)
	}
	p.open = p.open[:len(p.open)-1]
	l.calls.open--
	if !known && len(p.open) == 0 {
		delete(l.running, id)
	}
	return err
}

// guard carries out f and turns a panic into an error: a mistake in one
// program must not take the terminal down with it.
func guard(name string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Program: name, Value: r, Stack: debug.Stack()}
		}
	}()
	if err := f(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// A PanicError is a mistake in a program of an experiment.
type PanicError struct {
	Program string
	Value   any
	Stack   []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("%s: internal error: %v", e.Program, e.Value)
}

// goroutine is the number that the runtime shows for the calling goroutine.
func goroutine() uint64 {
	var buf [40]byte
	b := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i > 0 {
		b = b[:i]
	}
	n, _ := strconv.ParseUint(string(b), 10, 64)
	return n
}

// parent is the number of the goroutine that started the calling one: the
// runtime shows it in the last line but one of a stack. 0: it does not say.
func parent() uint64 {
	b := debug.Stack()
	const words = " in goroutine "
	i := bytes.LastIndex(b, []byte(words))
	if i < 0 {
		return 0
	}
	b = b[i+len(words):]
	if i := bytes.IndexByte(b, '\n'); i > 0 {
		b = b[:i]
	}
	n, _ := strconv.ParseUint(string(b), 10, 64)
	return n
}
