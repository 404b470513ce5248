package socketio

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/packets/engineio"
	"wirelab/socketio/engine"
	"wirelab/socketio/sockets"
)

// These tests speak with the official packages over real sockets of this
// machine. testdata/interop/install.sh installs them.

// node returns a command that runs a script of testdata/interop, or skips the
// test where Node or the packages are missing.
func node(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes seconds of real time")
	}
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("it needs Node")
	}
	lock, err := os.ReadFile("testdata/interop/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	installed := os.Getenv("WIRELAB_INTEROP")
	if installed == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skip(err)
		}
		installed = filepath.Join(cache, "wirelab", fmt.Sprintf("interop-%x", sha256.Sum256(lock))[:len("interop-")+16])
	}
	if _, err := os.Stat(filepath.Join(installed, "node_modules", "socket.io")); err != nil {
		t.Skip("it needs the official packages: run socketio/testdata/interop/install.sh")
	}
	b, err := os.ReadFile(filepath.Join("testdata/interop", script))
	if err != nil {
		t.Fatal(err)
	}
	// A module finds its packages beside itself.
	at := filepath.Join(installed, fmt.Sprintf("%d-%s", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-")+"-"+script))
	if err := os.WriteFile(at, b, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(at) })
	return exec.Command(program, append([]string{at}, args...)...)
}

// serveHere serves h on a port of this machine.
func serveHere(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := engine.HTTP(h)
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	return "http://" + ln.Addr().String()
}

// theirOptions are those that the scripts expect.
func theirOptions() engine.Options {
	return engine.Options{PingInterval: 300 * time.Millisecond, PingTimeout: 2 * time.Second, MaxPayload: 1_000_000}
}

// Our server and their client: 24 or 25 checks over each transport.
func TestTheOfficialClientAndThisServer(t *testing.T) {
	for _, recovery := range []bool{false, true} {
		t.Run(fmt.Sprintf("recovery %v", recovery), func(t *testing.T) {
			t.Parallel()
			o := sockets.Options{Engine: theirOptions(), ConnectTimeout: time.Second}
			cmd := node(t, "client.mjs")
			if recovery {
				o.Recovery = recoveryTime
				cmd.Env = append(os.Environ(), "RECOVERY=1")
			}
			cmd.Args = append(cmd.Args, serveHere(t, NewServer(engine.System{}, o)))
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}

// Our server and their client of the layer below.
func TestTheOfficialEngineClientAndThisServer(t *testing.T) {
	cmd := node(t, "engine.mjs", serveHere(t, NewEcho(engine.System{}, theirOptions())))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// theirServer starts the official server.
func theirServer(t *testing.T, env ...string) (url string) {
	t.Helper()
	cmd := node(t, "server.mjs")
	cmd.Env = append(append(os.Environ(), "PORT=0"), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// A listener is a channel on which something is told that a test waits for.
type listener[T any] chan T

func (l listener[T]) next(t *testing.T, what string) (v T) {
	t.Helper()
	select {
	case v = <-l:
	case <-time.After(5 * time.Second):
		t.Fatalf("%s: nothing came", what)
	}
	return v
}

type answer struct {
	args []any
	err  error
}

func ask(t *testing.T, k *sockets.ClientSocket, event string, args ...any) answer {
	t.Helper()
	came := make(listener[answer], 1)
	if err := k.EmitAck(4*time.Second, func(args []any, err error) { came <- answer{args, err} }, event, args...); err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	return came.next(t, event)
}

var everyWay = []struct {
	name       string
	transports []string
}{
	{"polling then websocket", []string{engine.Polling, engine.WebSocket}},
	{"polling", []string{engine.Polling}},
	{"websocket", []string{engine.WebSocket}},
}

// Our client and their server.
func TestThisClientAndTheOfficialServer(t *testing.T) {
	for _, recovery := range []bool{false, true} {
		for _, way := range everyWay {
			t.Run(fmt.Sprintf("%s, recovery %v", way.name, recovery), func(t *testing.T) {
				t.Parallel()
				var env []string
				if recovery {
					env = []string{"RECOVERY=1"}
				}
				converse(t, theirServer(t, env...), way.transports, recovery)
			})
		}
	}
}

// Our client and our server, over the sockets of this machine.
func TestThisClientAndThisServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds of real time")
	}
	for _, recovery := range []bool{false, true} {
		for _, way := range everyWay {
			t.Run(fmt.Sprintf("%s, recovery %v", way.name, recovery), func(t *testing.T) {
				t.Parallel()
				o := sockets.Options{Engine: theirOptions(), ConnectTimeout: time.Second}
				if recovery {
					o.Recovery = recoveryTime
				}
				converse(t, serveHere(t, NewServer(engine.System{}, o)), way.transports, recovery)
			})
		}
	}
}

// converse has our client use all that a server has to offer.
func converse(t *testing.T, url string, transports []string, recovery bool) {
	connected, auth, upgraded := make(listener[bool], 9), make(listener[answer], 9), make(listener[error], 9)
	left, back := make(listener[string], 9), make(listener[answer], 1000)
	late := make(listener[answer], 9)
	m := sockets.NewClient(engine.System{}, sockets.ClientOptions{
		Engine:    engine.ClientOptions{URL: url, Transports: transports},
		Reconnect: sockets.Backoff{Min: 100 * time.Millisecond, Max: time.Second, Jitter: 0.5},
		Upgraded:  func(err error) { upgraded <- err },
	})
	k := m.Socket("/", map[string]any{"token": "123"})
	hear := func(l listener[answer]) sockets.Handler {
		return func(args []any, _ func(...any)) { l <- answer{args: args} }
	}
	k.On("auth", hear(auth))
	k.On("message-back", hear(back))
	k.On("late", hear(late))
	k.On("question", func(args []any, ack func(...any)) { ack("answer", args[0]) })
	k.OnConnect(func() { connected <- true })
	k.OnDisconnect(func(reason string) { left <- reason })
	custom, admin, nobody := m.Socket("/custom", nil), m.Socket("/admin", nil), m.Socket("/nobody", nil)
	other, refused := make(listener[answer], 9), make(listener[string], 9)
	custom.On("auth", hear(other))
	admin.OnRefused(func(err error) { refused <- err.Error() })
	nobody.OnRefused(func(err error) { refused <- err.Error() })
	m.Open()
	defer m.Close()

	connected.next(t, "connect")
	if got := auth.next(t, "auth").args[0]; !reflect.DeepEqual(got, map[string]any{"token": "123"}) {
		t.Errorf("the server heard %v", got)
	}
	other.next(t, "a second namespace on the same connection")
	reasons := []string{refused.next(t, "a refusal"), refused.next(t, "a refusal")}
	if slices.Sort(reasons); !slices.Equal(reasons, []string{"Invalid namespace", "Not authorized"}) {
		t.Errorf("refused with %q", reasons)
	}
	if len(transports) > 1 {
		if err := upgraded.next(t, "upgrade"); err != nil || m.Session().Transport() != engine.WebSocket {
			t.Errorf("upgrade: %v", err)
		}
	}
	sid := k.ID()

	args := []any{json.Number("1"), "2", map[string]any{"3": []any{true}}, "<&> \u2028 \U0001f600", nil}
	if a := ask(t, k, "message-with-ack", args...); !reflect.DeepEqual(a.args, args) {
		t.Errorf("acknowledged with %v, %v", a.args, a.err)
	}
	bytesIn := []any{[]byte{1, 2, 3}, map[string]any{"x": []byte{4, 0x1e}}}
	if a := ask(t, k, "message-with-ack", bytesIn...); !reflect.DeepEqual(a.args, bytesIn) {
		t.Errorf("bytes are acknowledged with %v, %v", a.args, a.err)
	}
	big := strings.Repeat("x", 300_000)
	k.Emit("message", big)
	if a := back.next(t, "300 kB"); a.args[0] != big {
		t.Errorf("300 kB come back as %d", len(fmt.Sprint(a.args[0])))
	}
	for i := range 500 {
		k.Emit("message", i)
	}
	for i := range 500 {
		if got := back.next(t, "500 events").args[0]; fmt.Sprint(got) != fmt.Sprint(i) {
			t.Fatalf("event %d is %v", i, got)
		}
	}
	if a := ask(t, k, "ask", "q"); a.err != nil || !reflect.DeepEqual(a.args, []any{[]any{"answer", "q"}, false}) {
		t.Errorf("the server asked and told %v, %v", a.args, a.err)
	}
	if a := ask(t, k, "join", "red"); fmt.Sprint(a.args) != fmt.Sprint([]any{[]any{sid, "red"}}) {
		t.Errorf("in rooms %v, %v", a.args, a.err)
	}
	talk(t, url, transports, k)

	time.Sleep(700 * time.Millisecond) // of a real clock: two heartbeats
	if !k.Connected() || len(left) > 0 {
		t.Error("it did not live through two heartbeats")
	}
	k.Emit("later", "missed")
	time.Sleep(40 * time.Millisecond) // until the server has it
	m.Drop()
	if got := left.next(t, "the cut"); got != engine.ForcedClose {
		t.Errorf("it left for %q", got)
	}
	connected.next(t, "coming back")
	if k.Recovered() != recovery || (k.ID() == sid) != recovery {
		t.Errorf("recovered: %v; the id was %s and is %s", k.Recovered(), sid, k.ID())
	}
	if recovery {
		if got := late.next(t, "what was missed").args[0]; got != "missed" {
			t.Errorf("it missed %v", got)
		}
	}
	k.Emit("break")
	if got := left.next(t, "the end of the session"); got != engine.TransportClose {
		t.Errorf("it left for %q", got)
	}
	connected.next(t, "coming back again")
	k.Emit("leave-me")
	if got := left.next(t, "being thrown out"); got != "io server disconnect" {
		t.Errorf("it left for %q", got)
	}
	if len(back) > 0 {
		t.Errorf("%d more answers came", len(back))
	}
}

// talk has another client speak to the room in which k is.
func talk(t *testing.T, url string, transports []string, k *sockets.ClientSocket) {
	t.Helper()
	news := make(listener[answer], 9)
	k.On("news", func(args []any, _ func(...any)) { news <- answer{args: args} })
	m := sockets.NewClient(engine.System{}, sockets.ClientOptions{Engine: engine.ClientOptions{URL: url, Transports: transports}})
	other := m.Socket("/", nil)
	m.Open()
	defer m.Close()
	if a := ask(t, other, "say", "room-others", "red", "hot"); a.err != nil {
		t.Errorf("say: %v", a.err)
	}
	if got := news.next(t, "news").args[0]; got != "hot" {
		t.Errorf("the room heard %v", got)
	}
}

// Our client of the layer below and the official server.
func TestThisEngineClientAndTheOfficialServer(t *testing.T) {
	url := theirServer(t, "ENGINE=1")
	for _, way := range everyWay {
		t.Run(way.name, func(t *testing.T) {
			came, upgraded, closed := make(listener[engineio.Packet], 9), make(listener[error], 1), make(listener[string], 1)
			c, err := engine.Connect(engine.System{}, engine.ClientOptions{URL: url, Transports: way.transports}, engine.ClientEvents{
				Message:  func(p engineio.Packet) { came <- p },
				Upgraded: func(err error) { upgraded <- err },
				Closed:   func(reason string) { closed <- reason },
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []engineio.Packet{
				engineio.Text(engineio.Message, "hello"), engineio.Text(engineio.Message, ""),
				engineio.Text(engineio.Message, "\U0001f600\x00"), {Type: engineio.Message, Binary: true, Data: []byte{0, 0x1e, 'b', 0xff}},
			} {
				c.Send(p)
				if got := came.next(t, "an echo"); got.Binary != p.Binary || !bytes.Equal(got.Data, p.Data) {
					t.Errorf("%v comes back as %v", p, got)
				}
			}
			if len(way.transports) > 1 {
				if err := upgraded.next(t, "upgrade"); err != nil {
					t.Error(err)
				}
			}
			c.Close()
			if got := closed.next(t, "the end"); got != engine.ForcedClose {
				t.Errorf("closed for %q", got)
			}
		})
	}
}

// A server that is not there is an error, and no client waits for it for ever.
func TestAClientOfNobody(t *testing.T) {
	failed := make(listener[error], 1)
	gave := make(listener[error], 1)
	m := sockets.NewClient(engine.System{}, sockets.ClientOptions{Engine: engine.ClientOptions{URL: "http://127.0.0.1:1"}, Attempts: -1,
		Failed: func(err error) { failed <- err }, GaveUp: func() { gave <- errors.New("gave up") }})
	m.Socket("/", nil)
	m.Open()
	if err := failed.next(t, "a refused connection"); err == nil {
		t.Error("it has no reason")
	}
	gave.next(t, "the end of its attempts")
}
