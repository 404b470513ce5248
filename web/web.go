// Package web is the exchange that fetches pages over HTTP/1.1 (RFC 9110, RFC
// 9112), and what the servers of the other exchanges on HTTP have in common.
package web

import (
	"fmt"

	"wirelab/scenario"
)

// Exchange is the HTTP exchange.
type Exchange struct{}

// maxPage is the longest page, and maxTotal all pages of a run together, in
// bytes.
const (
	maxPage  = 64 << 20
	maxTotal = 1 << 30
)

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "http" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return []string{"page"} }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Fetch pages over HTTP and see where each ends" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `The client asks a server for a page, a few times over. A request is text on the
stream of TCP, and so is the head of its answer; the body behind it can be
anything.

TCP does not say where a message ends, so HTTP must: with the length in the
head, with the length before each chunk, or by closing the connection. A
connection whose answers have an end can be used again, which saves the
handshake.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab http                           three pages over one connection
  wirelab http --no-keep-alive           over one each: count the round trips
  wirelab http --end chunked             nobody knew the length beforehand
  wirelab http --end close               the end of the page is the end of TCP
  wirelab http --break-off 100           the server dies in the middle
  wirelab http --break-off 100 --end close
                                         and nobody notices
  wirelab http --path /nothing           404 is an answer too
  wirelab http --count 1 --packet 5      a request, byte by byte`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	return []scenario.Arg{
		{Name: "count", Kind: scenario.Count(1, 100_000), Default: "3", Help: "how many requests"},
		{Name: "interval", Kind: scenario.Time, Default: "0s", Help: "pause between them"},
		{Name: "no-keep-alive", Kind: scenario.Flag, Help: "each request has a connection of its own"},
		{Name: "path", Kind: scenario.Text, Default: "/", Help: "what the client asks for; the server has only /"},
		{Name: "size", Kind: scenario.Size, Default: "200", Help: "bytes of the page"},
		{Name: "end", Kind: scenario.OneOf(nil, byLength, byChunks, byClosing), Default: byLength, Help: "how the client learns where the page ends"},
		{Name: "chunk", Kind: scenario.Size, Default: "100", Help: "most bytes of a chunk"},
		{Name: "break-off", Kind: scenario.Size, Help: "the server ends the connection after so many bytes of the page"},
		{Name: "clients", Kind: scenario.Count(1, 10_000), Help: "how many clients ask at once, each a program on the client host (default 1)"},
		scenario.HopsArg(0),
		{Name: "port", Kind: scenario.Port, Default: "80", Help: "port on which the server listens"},
	}
}

// How a page's end can be told (RFC 9112 section 6.3).
const (
	byLength  = "length"
	byChunks  = "chunked"
	byClosing = "close"
)

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Dissect implements scenario.Dissected: what the programs say is read from the
// bytes.
func (Exchange) Dissect(*scenario.Scenario) bool { return true }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	size := s.Size("size")
	if size < 1 || size > maxPage {
		return fmt.Errorf("size: %s cannot be; a page has from 1 byte to %s", s.Args["size"], scenario.FormatSize(maxPage))
	}
	if total := int64(size) * int64(s.Int("count")) * int64(max(s.Int("clients"), 1)); total > maxTotal {
		return fmt.Errorf("all pages together have %d bytes, more than the %s that a run may send", total, scenario.FormatSize(maxTotal))
	}
	if s.Size("chunk") < 1 {
		return fmt.Errorf("chunk: %s cannot be; a chunk has 1 byte or more (RFC 9112 section 7.1)", s.Args["chunk"])
	}
	if n := s.Size("break-off"); s.Args["break-off"] != "" && n >= size {
		return fmt.Errorf("break-off: after %d bytes a page of %d is over", n, size)
	}
	return CheckPath(s.Args["path"])
}
