package export

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// maxListed is how many events of one zoom a page lists. What is beyond is left
// out, and the page says so.
const maxListed = 3000

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// A page is what the template is filled with.
type page struct {
	Title, Heading, Command, Wire, Summary, Err string
	Scheme                                      string // what the browser draws by itself
	Style                                       template.CSS
	Picture                                     template.HTML
	Tables                                      []table
	Waiting                                     []string
}

// A table lists the events of one zoom.
type table struct {
	Name, Title, Left string
	Rows              []listed
}

type listed struct{ At, Who, Now, Why, RFC string }

// HTML writes a page that stands alone: the picture that SVG draws, and below it
// everything that happened, in tables, with the rules behind it. It has neither
// scripts nor references to anything outside of it.
func HTML(w io.Writer, tr *trace.Trace, events []story.Event, about About) error {
	s := newSheet(tr, events, about)
	p := page{Title: s.title(), Heading: clean(story.Heading(tr)), Command: clean(about.Command), Wire: clean(about.Wire), Summary: story.Summarise(tr).String(), Err: clean(tr.Err),
		Scheme: [...]string{Reader: "light dark", Light: "light", Dark: "dark"}[about.Scheme], Style: template.CSS(pageStyle(about.Scheme)), Picture: template.HTML(s.String()), Waiting: story.Waiting(tr)}
	p.Title = clean(p.Title)
	for _, z := range story.Zooms() {
		p.Tables = append(p.Tables, listing(tr, events, z))
	}
	return pageTemplate.Execute(w, p)
}

// listing is the table of one zoom.
func listing(tr *trace.Trace, events []story.Event, z story.Zoom) table {
	t := table{Name: strings.ToUpper(z.String()[:1]) + z.String()[1:], Title: z.Title()}
	n := 0
	for i := range events {
		e := &events[i]
		if e.Zoom != z {
			continue
		}
		if n++; n > maxListed {
			continue
		}
		now := e.Text
		if len(tr.Conns) > 1 && e.Conn >= 0 {
			now = fmt.Sprintf("#%d %s", e.Conn+1, now)
		}
		t.Rows = append(t.Rows, listed{story.Milliseconds(e.At), clean(e.Who), clean(now), e.Why, e.RFC})
	}
	if n > maxListed {
		t.Left = fmt.Sprintf("These are the first %s of %s lines. The text has them all: --plain --zoom %s.", group(maxListed), group(n), z)
	}
	return t
}

// clean takes out of a text what nobody can see, as escape does.
func clean(text string) string { return packets.Text([]byte(text), mostText) }

// pageStyle is the style sheet of a page, without that of its picture.
func pageStyle(s Scheme) string {
	rules := func(c colours) string {
		return fmt.Sprintf("body{background:%s;color:%s}\n.quiet,caption,cite{color:%s}\nth,td{border-color:%s}\nsummary{color:%s}\n",
			c.ground, c.text, c.quiet, c.line, c.client)
	}
	switch s {
	case Light:
		return rules(light)
	case Dark:
		return rules(dark)
	}
	return rules(light) + "@media screen and (prefers-color-scheme:dark){\n" + rules(dark) + "}\n"
}
