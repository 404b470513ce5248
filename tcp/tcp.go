// Package tcp is the exchange that shows TCP at work: a client connects, sends
// messages as a stream of bytes, and a server reads them and answers.
package tcp

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"

	"wirelab/scenario"
)

// Exchange is the TCP exchange.
type Exchange struct{}

// DefaultSize is the message that is sent if none is given, in bytes: a few
// segments' worth, so that it is cut and put together again.
const DefaultSize = 4380

// MaxSize is the largest message, in bytes.
const MaxSize = 1 << 30

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "tcp" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return nil }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Send messages over TCP and see every segment" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `A client connects to a server over TCP, sends messages, and the server
answers. Both have a real TCP/IP stack; the wire between them is virtual, so
nothing leaves this program, and the same command gives the same packets at
the same nanosecond, every time.

TCP carries a stream of bytes, not messages: client and server have agreed how
long each message is, and the server reads until it has all of it.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab tcp                                one message of 4,380 bytes, echoed
  wirelab tcp --message hello                five bytes, all the way down
  wirelab tcp --size 30kB --drop client:6    lose a segment and watch it come again
  wirelab tcp --loss 3% --seed 7             another seed, other losses
  wirelab tcp --count 5 --reply none         five writes: how many packets?
  wirelab tcp --zoom calls                   only what the programs called
  wirelab tcp --save hello.pcapng            open it in Wireshark
  wirelab tcp --json | jq 'select(.type=="packet")'`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	size := scenario.Size
	return []scenario.Arg{
		{Name: "message", Kind: scenario.Text, Help: "text that the client sends, instead of --size bytes"},
		{Name: "size", Kind: scenario.Size, Default: strconv.Itoa(DefaultSize), Help: "bytes of the message"},
		{Name: "file", Kind: scenario.Text, Help: "file whose bytes the client sends"},
		{Name: "file-sha256", Kind: scenario.Text, Help: "what the file's SHA-256 must be; noted by itself, so that a replay sends the same bytes"},
		{Name: "count", Kind: scenario.Count(1, 100_000), Default: "1", Help: "how many messages"},
		{Name: "interval", Kind: scenario.Time, Default: "0s", Help: "pause between messages"},
		{Name: "reply", Kind: scenario.OneOf(&size, "echo", "none"), Default: "echo", Help: "what the server answers to each message; a size is that many bytes"},
		{Name: "port", Kind: scenario.Port, Default: "80", Help: "port on which the server listens"},
	}
}

// Hosts implements scenario.Exchange.
func (Exchange) Hosts() []string { return []string{"client", "server"} }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	given := 0
	for name, byDefault := range map[string]string{"message": "", "size": strconv.Itoa(DefaultSize), "file": ""} {
		if s.Args[name] != byDefault {
			given++
		}
	}
	if given > 1 {
		return fmt.Errorf("message, size and file each say what to send; give one of them")
	}
	m, err := message(s)
	if err != nil {
		return err
	}
	if total := int64(len(m)) * int64(s.Int("count")); total > MaxSize {
		return fmt.Errorf("%d messages of %d bytes are more than the %s that a run may send", s.Int("count"), len(m), scenario.FormatSize(MaxSize))
	}
	if n, err := scenario.ParseSize(s.Args["reply"]); err == nil && (n < 1 || n > MaxSize) {
		return fmt.Errorf("reply: %s cannot be; an answer has from 1 byte to %s", s.Args["reply"], scenario.FormatSize(MaxSize))
	}
	return nil
}

// message returns what the client sends.
func message(s *scenario.Scenario) ([]byte, error) {
	if text := s.Args["message"]; text != "" {
		return []byte(text), nil
	}
	if path := s.Args["file"]; path != "" {
		return file(s, path)
	}
	n := s.Size("size")
	if n < 1 || n > MaxSize {
		return nil, fmt.Errorf("size: %s cannot be; a message has from 1 byte to %s", s.Args["size"], scenario.FormatSize(MaxSize))
	}
	return Ruler(n), nil
}

// file reads the message from a file, and notes or checks its hash: the same
// Scenario must send the same bytes.
func file(s *scenario.Scenario, path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("file: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("file: %s is not a regular file", path)
	case info.Size() < 1 || info.Size() > MaxSize:
		return nil, fmt.Errorf("file: %s has %d bytes; a message has from 1 byte to %s", path, info.Size(), scenario.FormatSize(MaxSize))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(b))
	switch want := s.Args["file-sha256"]; want {
	case "":
		s.Args["file-sha256"] = sum
	case sum:
	default:
		return nil, fmt.Errorf("file: %s has changed since this Scenario was made; its SHA-256 is %s and should be %s", path, sum, want)
	}
	return b, nil
}

// Ruler returns n bytes that say where they are: the numbers end at the byte
// that they name, as on a ruler.
func Ruler(n int) []byte {
	const step = 10
	b := make([]byte, 0, n+step)
	for len(b) < n {
		b = fmt.Appendf(b, "%s", mark(len(b)+step, step))
	}
	return b[:n]
}

func mark(at, width int) string {
	s := strconv.Itoa(at)
	if len(s) >= width {
		return s[len(s)-width:]
	}
	for len(s) < width {
		s = "-" + s
	}
	return s
}
