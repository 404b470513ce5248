package export

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"wirelab/story"
	"wirelab/trace"
)

// webPage is the HTML of a trace.
func webPage(t testing.TB, tr *trace.Trace, about About) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, story.NewTeller(tr), about); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cellsOf are the cells of the tables of a page, row by row, by the heading above.
func cellsOf(t testing.TB, page string) map[string][][]string {
	t.Helper()
	found := map[string][][]string{}
	for _, section := range strings.Split(page, "<section>\n")[1:] {
		name := inside(section, "<h2>", "</h2>")
		_, body, _ := strings.Cut(section, "<tbody>")
		for _, row := range strings.Split(body, "<tr>")[1:] {
			var cells []string
			for _, part := range []string{"th", "td", "td", "td"} {
				start := strings.Index(row, "<"+part)
				if start < 0 {
					t.Fatalf("this row is no row: %q", row)
				}
				row = row[start:]
				cells = append(cells, inside(row, ">", "</"+part+">"))
				row = row[1:]
			}
			found[name] = append(found[name], cells)
		}
	}
	return found
}

func inside(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// A page says what the text says, in its order, with the rules.
func TestAPageListsWhatHappened(t *testing.T) {
	for _, lines := range [][]string{nil, {"size: 20kB", "loss: 5%", "seed: 3"}, {"clients: 3", "message: hi"}} {
		tr := run(t, lines...)
		events := story.Tell(tr)
		tables := cellsOf(t, webPage(t, tr, About{}))
		for _, z := range story.Zooms() {
			got := tables[strings.ToUpper(z.String()[:1])+z.String()[1:]]
			all := story.Only(events, z)
			if len(got) != len(all) {
				t.Fatalf("%s: %d rows of %d", z, len(got), len(all))
			}
			for i, e := range all {
				cells := got[i]
				if cells[0] != story.Milliseconds(e.At) || cells[1] != e.Who || html.UnescapeString(cells[2]) != numbered(tr, e.Conn, e.Text) {
					t.Fatalf("%s, row %d: %q is not %q", z, i, cells, e.Text)
				}
				if why := html.UnescapeString(cells[3]); !strings.Contains(why, e.Why) || !strings.Contains(why, e.RFC) || e.Why == "" && why != "" {
					t.Fatalf("%s, row %d: %q is not %q, %q", z, i, why, e.Why, e.RFC)
				}
			}
		}
	}
}

func TestALongPageIsCutShortAndSaysSo(t *testing.T) {
	tr := run(t, "size: 3MB", "reply: none", "rate: 100mbit")
	page := webPage(t, tr, About{})
	if n := len(cellsOf(t, page)["Packets"]); n != maxListed {
		t.Errorf("%d packets are listed, not %d", n, maxListed)
	}
	n := len(story.Only(story.Tell(tr), story.Packets))
	if want := "These are the first 3,000 of " + group(n) + " lines. The text has them all: --plain --zoom packets."; !strings.Contains(page, want) {
		t.Errorf("it does not say %q", want)
	}
}

// A page has the picture in it, and reaches out to nothing.
func TestAPageStandsAlone(t *testing.T) {
	page := webPage(t, run(t, "drop: client:4"), About{Command: "wirelab tcp --drop client:4"})
	start, end := strings.Index(page, "<svg "), strings.Index(page, "</svg>")
	if start < 0 || end < 0 {
		t.Fatal("there is no picture")
	}
	svg := parse(t, page[start:end+len("</svg>")])
	if err := alone(svg); err != nil {
		t.Error(err)
	}
	if err := legible(t, svg); err != nil {
		t.Error(err)
	}
	rest := page[:start] + page[end:]
	if m := regexp.MustCompile(`(?i)<(script|link|img|iframe|object|embed|a|form)\b|\bon[a-z]+=|src=|href=|https?:|@import|url\(`).FindString(rest); m != "" {
		t.Errorf("there is %q in it", m)
	}
}
