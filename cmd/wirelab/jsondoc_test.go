package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wirelab/scenario"
	"wirelab/story"
	"wirelab/tcp"
	"wirelab/trace"
	"wirelab/wire"
)

// fields are the names of the fields of each kind of object.
type fields map[string]map[string]bool

func (f fields) add(object, name string) {
	if f[object] == nil {
		f[object] = map[string]bool{}
	}
	f[object][name] = true
}

// documented reads docs/json.md: a heading for each object, and a table whose
// rows begin with a field.
func documented(t *testing.T) fields {
	t.Helper()
	doc, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("^\\| `([a-z0-9_]+)` \\|([^|]*)\\| [^|]+ \\|$")
	f := fields{}
	object := ""
	for line := range strings.Lines(string(doc)) {
		line = strings.TrimSuffix(line, "\n")
		if level, name, ok := strings.Cut(line, " "); ok && (level == "##" || level == "###") {
			object = name
		}
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		m := row.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("%s: no row of three cells: %s", object, line)
			continue
		}
		if f[object][m[1]] {
			t.Errorf("%s: %s stands twice", object, m[1])
		}
		if ns := strings.HasSuffix(m[1], "_ns"); ns != (strings.TrimSpace(m[2]) == "ns") {
			t.Errorf("%s: %s has the unit %q", object, m[1], m[2])
		}
		f.add(object, m[1])
	}
	return f
}

// nested are the objects in other objects' fields.
var nested = map[string]string{"hosts": "host", "conns": "conn", "span": "span", "spans": "span", "tcp": "tcp", "lateness": "lateness"}

// collect adds the fields of an object and of those in it.
func (f fields) collect(t *testing.T, object string, v map[string]any) {
	t.Helper()
	for name, value := range v {
		f.add(object, name)
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, item := range list {
			inner, ok := item.(map[string]any)
			if !ok {
				continue
			}
			if nested[name] == "" {
				t.Fatalf("%s: %s holds an object that has no name here", object, name)
			}
			f.collect(t, nested[name], inner)
		}
	}
}

// everything is a run that has all there can be in a trace, in so far as a
// short one can: TCP with a loss, UDP, and a program's own call.
func everything(t *testing.T, o wire.Options) *trace.Trace {
	t.Helper()
	lab := wire.New(o)
	tr, err := lab.Run(t.Context(), func() error {
		client, err := lab.Host("client", netip.MustParseAddr("10.0.0.1"), wire.HostOptions{})
		if err != nil {
			return err
		}
		server, err := lab.Host("server", netip.MustParseAddr("10.0.0.2"), wire.HostOptions{})
		if err != nil {
			return err
		}
		lab.Cable(client, server, wire.Conditions{}, wire.Conditions{})
		lab.Go(client, "client", func() error {
			return lab.Call(client, "say", func() (string, error) {
				c, err := client.Dial(t.Context(), "udp", "server:9")
				if err != nil {
					return "", err
				}
				defer c.Close()
				_, err = c.Write([]byte("hello"))
				return "said hello", err
			})
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestTheDocumentedFieldsAreThoseThatAreWritten(t *testing.T) {
	var lines bytes.Buffer
	ex := tcp.Exchange{}
	s := scenario.Default(ex)
	s.Touches = []scenario.Touch{{Do: "drop", Host: "client", Nth: 4}}
	tr, err := scenario.Run(t.Context(), ex, s)
	if err != nil {
		t.Fatal(err)
	}
	live := everything(t, wire.Options{Real: true, Keep: trace.Bound{Packets: 1}})
	for _, tr := range []*trace.Trace{tr, everything(t, wire.Options{}), live} {
		if err := story.JSON(&lines, tr, story.Tell(tr), story.Zooms()...); err != nil {
			t.Fatal(err)
		}
	}
	written := fields{}
	for line := range bytes.Lines(lines.Bytes()) {
		var v map[string]any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		written.collect(t, v["type"].(string), v)
	}
	said := documented(t)
	for _, object := range slices.Sorted(maps.Keys(written)) {
		for name := range written[object] {
			if !said[object][name] {
				t.Errorf("%s: docs/json.md does not have %s", object, name)
			}
		}
	}
	for _, object := range slices.Sorted(maps.Keys(said)) {
		for name := range said[object] {
			if !written[object][name] {
				t.Errorf("%s: docs/json.md has %s, which is not written", object, name)
			}
		}
	}
}

// The words that a field can have stand in the document too.
func TestTheDocumentedWordsAreThoseThatAreWritten(t *testing.T) {
	doc, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for f := trace.UnderWay; f <= trace.UnknownAfter; f++ {
		words = append(words, f.String())
	}
	for c := trace.AtReceive; c <= trace.AtTimer; c++ {
		words = append(words, c.String())
	}
	for r := trace.Open; r <= trace.Disorder; r++ {
		words = append(words, r.String())
	}
	for _, w := range words {
		if !strings.Contains(string(doc), "`"+w+"`") {
			t.Errorf("docs/json.md does not say `%s`", w)
		}
	}
}
