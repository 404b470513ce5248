package export

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"wirelab/packets"
	"wirelab/story"
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
func HTML(w io.Writer, t *story.Teller, about About) error {
	tr := t.Trace()
	s := newSheet(t, about)
	s.bare = true // the page says it
	p := page{
		Title:   clean(s.title()),
		Heading: clean(story.Heading(tr)),
		Command: clean(about.Command),
		Wire:    clean(about.Wire),
		Summary: story.Summarise(tr).String(),
		Err:     clean(tr.Err),
		Scheme:  [...]string{Reader: "light dark", Light: "light", Dark: "dark"}[about.Scheme],
		Style:   template.CSS(pageStyle(about.Scheme)),
		Picture: template.HTML(s.String()), // escaped when it is drawn
	}
	for _, line := range story.Waiting(tr) {
		p.Waiting = append(p.Waiting, clean(line))
	}
	for _, z := range story.Zooms() {
		p.Tables = append(p.Tables, listing(t, z))
	}
	return pageTemplate.Execute(w, p)
}

// listing is the table of one zoom.
func listing(t *story.Teller, z story.Zoom) table {
	rows := table{Name: strings.ToUpper(z.String()[:1]) + z.String()[1:], Title: z.Title()}
	for i := range t.Len() {
		if t.Place(i).Zoom != z {
			continue
		}
		if len(rows.Rows) == maxListed {
			rows.Left = fmt.Sprintf("These are the first %s of %s lines. The text has them all: --plain --zoom %s.", group(maxListed), group(t.Count(z)), z)
			break
		}
		e := t.Event(i)
		rows.Rows = append(rows.Rows, listed{story.Milliseconds(e.At), clean(e.Who), clean(numbered(t.Trace(), e.Conn, e.Text)), e.Why, e.RFC})
	}
	return rows
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
