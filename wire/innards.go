package wire

import (
	"reflect"
	"sync"
	"unsafe"

	"gvisor.dev/gvisor/pkg/atomicbitops"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// innards are the few places of the stack that its interface does not show and
// that mend.go must know: in bytes from the beginning of what they are in.
type innards struct {
	sender, receiver uintptr // in an endpoint: pointers
	memory, unread   uintptr // in an endpoint: memory of received segments, bytes that the program has not read
	pending          uintptr // in a receiver: bytes behind a hole
	una, nxt, wnd    uintptr // in a sender: SND.UNA, SND.NXT, SND.WND
	cwnd, counted    uintptr // in a sender: its congestion window, segments acknowledged since that grew
	resend           uintptr // in a sender: its retransmission timer,
	timers           [3]uintptr
	state, callback  uintptr // in a timer
}

// States of a timer of the stack.
const timerDisabled, timerEnabled = 1, 2

// inside finds the places by their names. It panics if a new version of the
// stack has others, and so do all tests.
var inside = sync.OnceValue(func() (y innards) {
	field := func(t reflect.Type, name string, kind reflect.Kind) reflect.StructField {
		f, ok := t.FieldByName(name)
		if !ok || f.Type.Kind() != kind {
			panic("the stack's " + t.String() + " has no " + name + " of kind " + kind.String())
		}
		return f
	}
	within := func(t reflect.Type, part, name string, kind reflect.Kind) uintptr {
		p := field(t, part, reflect.Struct)
		return p.Offset + field(p.Type, name, kind).Offset
	}
	endpoint := reflect.TypeFor[tcp.Endpoint]()
	snd, rcv := field(endpoint, "snd", reflect.Pointer), field(endpoint, "rcv", reflect.Pointer)
	sender, receiver := snd.Type.Elem(), rcv.Type.Elem()
	memory := field(endpoint, "rcvMemUsed", reflect.Struct)
	if memory.Type != reflect.TypeFor[atomicbitops.Int32]() {
		panic("the stack counts memory in a " + memory.Type.String())
	}
	resend := field(sender, "resendTimer", reflect.Struct)
	return innards{
		sender: snd.Offset, receiver: rcv.Offset, memory: memory.Offset,
		unread:   within(endpoint, "TCPRcvBufState", "RcvBufUsed", reflect.Int),
		pending:  within(receiver, "TCPReceiverState", "PendingBufUsed", reflect.Int),
		una:      within(sender, "TCPSenderState", "SndUna", reflect.Uint32),
		nxt:      within(sender, "TCPSenderState", "SndNxt", reflect.Uint32),
		wnd:      within(sender, "TCPSenderState", "SndWnd", reflect.Uint32),
		cwnd:     within(sender, "TCPSenderState", "SndCwnd", reflect.Int),
		counted:  within(sender, "TCPSenderState", "SndCAAckCount", reflect.Int),
		resend:   resend.Offset,
		timers:   [3]uintptr{resend.Offset, field(sender, "probeTimer", reflect.Struct).Offset, field(sender, "reorderTimer", reflect.Struct).Offset},
		state:    field(resend.Type, "state", reflect.Int).Offset,
		callback: field(resend.Type, "callback", reflect.Func).Offset,
	}
})

// at is what lies at an offset from base.
func at[T any](base unsafe.Pointer, offset uintptr) *T { return (*T)(unsafe.Add(base, offset)) }
