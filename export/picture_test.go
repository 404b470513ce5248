package export

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wirelab/story"
	"wirelab/trace"
)

var update = flag.Bool("update", false, "write the golden files anew")

// picture is the SVG of a trace.
func picture(t testing.TB, tr *trace.Trace, about About) string {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(&b, story.NewTeller(tr), about); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Fatalf("%s differs in line %d:\n%s\nlook at what go test -update makes of it", path, i+1, a[i])
			}
		}
		t.Fatalf("%s is longer", path)
	}
}

func TestPicturesOfSmallRuns(t *testing.T) {
	for _, c := range []struct {
		name  string
		about About
		lines []string
	}{
		{"hello", About{Command: "wirelab tcp --message hello --reply none", Wire: "delay 20ms, rate 10mbit"}, []string{"message: hello", "reply: none"}},
		{"lost", About{Command: "wirelab tcp --reply none --drop client:4", Wire: "delay 20ms, rate 10mbit"}, []string{"reply: none", "drop: client:4"}},
	} {
		tr := run(t, c.lines...)
		golden(t, c.name+".svg", picture(t, tr, c.about))
		golden(t, c.name+".html", webPage(t, tr, c.about))
	}
}

// An element of an SVG, as encoding/xml reads it.
type element struct {
	name  string
	attrs map[string]string
	text  string // directly in it
	kids  []*element
}

func (e *element) walk(visit func(e *element)) {
	visit(e)
	for _, k := range e.kids {
		k.walk(visit)
	}
}

func (e *element) has(class string) bool {
	return strings.Contains(" "+e.attrs["class"]+" ", " "+class+" ")
}

// parse reads an SVG strictly: what is no XML 1.0 fails.
func parse(t testing.TB, svg string) *element {
	t.Helper()
	root := &element{}
	open := []*element{root}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("this is no XML: %v", err)
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			top.kids = append(top.kids, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(token)
		}
	}
	if len(root.kids) != 1 || root.kids[0].name != "svg" {
		t.Fatalf("the root is not one svg")
	}
	return root.kids[0]
}

// alone says what in a picture would act, or reach out of its file.
func alone(svg *element) (wrong error) {
	allowed := map[string]bool{"svg": true, "title": true, "desc": true, "style": true, "defs": true, "pattern": true, "rect": true, "text": true, "path": true, "g": true, "circle": true}
	svg.walk(func(e *element) {
		if !allowed[e.name] {
			wrong = fmt.Errorf("there is an element %s", e.name)
		}
		for name, value := range e.attrs {
			if name == "href" || name == "src" || name == "style" || strings.HasPrefix(name, "on") || strings.Contains(value, "url(") {
				wrong = fmt.Errorf("there is an attribute %s=%q", name, value)
			}
		}
		if e.name == "style" {
			if m := regexp.MustCompile(`@import|url\([^#]|expression|https?:`).FindString(e.text); m != "" {
				wrong = fmt.Errorf("the style says %q", m)
			}
		}
	})
	return wrong
}

// A written is a text on a picture, with the box that it needs at most.
type written struct {
	text string
	box  box
}

var turnWords = regexp.MustCompile(`^translate\(([-0-9.]+) ([-0-9.]+)\)(?: rotate\(([-0-9.]+)\))?$`)

// writings are all texts of a picture, measured as monospaced.
func writings(t testing.TB, svg *element) (all []written) {
	t.Helper()
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var visit func(e *element, dx, dy float64)
	visit = func(e *element, dx, dy float64) {
		angle := 0.0
		if m := turnWords.FindStringSubmatch(e.attrs["transform"]); m != nil {
			dx, dy = dx+number(m[1]), dy+number(m[2])
			if m[3] != "" {
				angle = number(m[3]) * math.Pi / 180
			}
		} else if e.attrs["transform"] != "" {
			t.Fatalf("what is %q?", e.attrs["transform"])
		}
		if e.name == "text" {
			if e.attrs["x"] != "" {
				dx, dy = dx+number(e.attrs["x"]), dy+number(e.attrs["y"])
			}
			size := 13.0
			for class, is := range map[string]float64{"h": 22, "cmd": 15, "name": 15, "t": 11, "k": 12, "st": 12, "sub": 16} {
				if e.has(class) {
					size = is
				}
			}
			wide := float64(len([]rune(e.text))) * 0.6 * size
			from := 0.0
			switch {
			case e.has("mid"):
				from = -wide / 2
			case e.has("end"):
				from = -wide
			}
			sin, cos := math.Sincos(angle)
			up, down := 0.9*size, 0.2*size
			corner := func(x, y float64) point { return point{dx + x*cos - y*sin, dy + x*sin + y*cos} }
			all = append(all, written{e.text, box{corner(from, -up), corner(from+wide, -up), corner(from+wide, down), corner(from, down)}})
		}
		for _, k := range e.kids {
			visit(k, dx, dy)
		}
	}
	visit(svg, 0, 0)
	return all
}

// legible says which texts of a picture lie on each other or beyond its border.
func legible(t testing.TB, svg *element) error {
	t.Helper()
	var width, height float64
	if _, err := fmt.Sscanf(svg.attrs["viewBox"], "0 0 %f %f", &width, &height); err != nil {
		t.Fatal(err)
	}
	all := writings(t, svg)
	for i, a := range all {
		top, bottom := a.box.reach()
		if left, right := a.box.along(point{1, 0}); left < 0 || right > width || top < 0 || bottom > height {
			return fmt.Errorf("%q lies beyond the border: %.0f to %.0f, %.0f to %.0f", a.text, left, right, top, bottom)
		}
		for _, b := range all[:i] {
			if over, under := b.box.reach(); over < bottom && top < under && a.box.overlaps(b.box) {
				return fmt.Errorf("%q lies on %q", a.text, b.text)
			}
		}
	}
	return nil
}

var packetTitle = regexp.MustCompile(`^packet ([0-9,]+), `)

// drawn are the arrows of a picture, by packet number.
func drawn(t testing.TB, svg *element) map[int][]*element {
	t.Helper()
	found := map[int][]*element{}
	svg.walk(func(e *element) {
		if e.name != "g" || len(e.kids) == 0 || e.kids[0].name != "title" {
			return
		}
		m := packetTitle.FindStringSubmatch(e.kids[0].text)
		if m == nil {
			t.Fatalf("what is %q?", e.kids[0].text)
		}
		n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		found[n] = append(found[n], e)
	})
	return found
}

func count(e *element, class string) (n int) {
	e.walk(func(e *element) {
		if e.has(class) {
			n++
		}
	})
	return n
}

// anyRun is a random experiment, small enough to be drawn whole, most times.
func anyRun(r *rand.Rand) (lines []string) {
	say := func(chance float64, format string, args ...any) {
		if r.Float64() < chance {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	exchange := []string{"tcp", "tcp", "tcp", "tcp", "udp", "ping", "traceroute", "dns"}[r.IntN(8)]
	say(1, "exchange: %s", exchange)
	say(1, "seed: %d", r.IntN(1000)+1)
	switch exchange {
	case "tcp":
		say(0.8, "size: %d", 1+r.IntN(40_000))
		say(0.5, "reply: none")
		say(0.3, "clients: %d", 1+r.IntN(4))
		say(0.2, "count: %d", 1+r.IntN(4))
		say(0.2, "no-sack: true")
		say(0.2, "drop: client:%d,server:%d", 1+r.IntN(4), 1+r.IntN(9))
		say(0.2, "hold: client:%d=%dms", 5+r.IntN(5), 1+r.IntN(300))
	case "udp":
		say(0.8, "size: %d", 1+r.IntN(5000))
		say(0.8, "count: %d", 1+r.IntN(30))
		say(0.5, "interval: %dms", r.IntN(200))
		say(0.2, "read-after: %dms", r.IntN(500))
	case "ping":
		say(0.5, "count: %d", 1+r.IntN(8))
		say(0.3, "size: %d", 56+r.IntN(3000))
	case "dns":
		say(0.5, "answers: %d", 1+r.IntN(40))
	}
	say(0.5, "loss: %d%%", r.IntN(12))
	say(0.3, "duplicate: %d%%", r.IntN(20))
	say(0.3, "reorder: %d%%", r.IntN(40))
	say(0.3, "corrupt: %d%%", r.IntN(12))
	say(0.3, "jitter: %dms", r.IntN(40))
	say(0.5, "delay: %dms", r.IntN(200))
	say(0.5, "rate: %dkbit", 100+r.IntN(20_000))
	say(0.3, "queue: %dp", 2+r.IntN(10))
	say(0.3, "hops: %d", r.IntN(4))
	say(0.2, "cold: true")
	say(0.2, "ipv6: true")
	say(0.2, "mtu: %d", 1280+r.IntN(300))
	say(0.2, "limit-time: %dms", 1+r.IntN(800))
	return lines
}

// Whatever happens on the wire: the file is sound, no text lies on another,
// every packet is one arrow, and what was lost has a cross and no head.
func TestPicturesOfAnything(t *testing.T) {
	runs := 150
	if testing.Short() {
		runs = 30
	}
	r := rand.New(rand.NewPCG(4, 10))
	lost, again, cut := 0, 0, 0
	for range runs {
		lines := anyRun(r)
		tr, _ := try(t, lines...)
		text := picture(t, tr, About{Command: "wirelab tcp", Wire: "delay 20ms"})
		svg := parse(t, text)
		if err := alone(svg); err != nil {
			t.Errorf("%v\n%s", err, strings.Join(lines, "\n"))
		}
		if err := legible(t, svg); err != nil {
			t.Errorf("%v\n%s", err, strings.Join(lines, "\n"))
		}
		arrows := drawn(t, svg)
		if want := min(len(tr.Packets), MaxArrows); len(arrows) > want || len(arrows) < want && !strings.Contains(text, "The picture ends at") {
			t.Errorf("%d packets are drawn of %d\n%s", len(arrows), len(tr.Packets), strings.Join(lines, "\n"))
		}
		if strings.Contains(text, "The picture ends at") {
			cut++
		}
		for n, as := range arrows {
			p := &tr.Packets[n-1]
			if len(as) != 1 {
				t.Fatalf("packet %d is drawn %d times", n, len(as))
			}
			heads, crosses, rings := count(as[0], "head"), count(as[0], "x"), count(as[0], "open")
			switch {
			case p.Fate.Lost():
				lost++
				if heads != 0 || crosses != 1 || rings != 0 {
					t.Errorf("packet %d was lost, and has %d heads, %d crosses", n, heads, crosses)
				}
			case heads+crosses+rings != 1:
				t.Errorf("packet %d has %d ends", n, heads+crosses+rings)
			case p.Arrived == trace.Never && rings != 1:
				t.Errorf("packet %d did not arrive, and has no open end", n)
			}
			if dashed := count(as[0], "again") > 0; p.Again && !p.Copy {
				again++
				if !dashed {
					t.Errorf("packet %d was sent again, and looks as if it were not", n)
				}
			}
		}
	}
	if lost < runs || again < runs || cut == 0 {
		t.Errorf("of %d runs: %d packets lost, %d sent again, %d pictures cut short: these are no experiments", runs, lost, again, cut)
	}
}

// Time runs downward: later is lower, and never by less than its share but
// across a fold.
func TestTimeRunsDownward(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 2))
	folds := 0
	for range 40 {
		tr, _ := try(t, anyRun(r)...)
		l := newSheet(story.NewTeller(tr), About{}).ladder
		for i := range l.clock[1:] {
			a, b := &l.clock[i], &l.clock[i+1]
			if b.at <= a.at || b.top <= a.end {
				t.Fatalf("from %v to %v it goes from %v to %v", a.at, b.at, a.end, b.top)
			}
			if share := l.scale * float64(b.at-a.at); b.top-a.end < share-1e-6 {
				if share <= foldFrom {
					t.Fatalf("from %v to %v it goes %v down, and its share is %v", a.at, b.at, b.top-a.end, share)
				}
				folds++
			}
		}
		for i := range l.rows {
			r := &l.rows[i]
			at := l.clock[tickOf(l, r)]
			if r.y < at.top || r.y > at.end {
				t.Fatalf("a row of %v is at %v, not from %v to %v", r.at, r.y, at.top, at.end)
			}
		}
		for i := range l.arrows {
			a := &l.arrows[i]
			p := &tr.Packets[a.packet]
			if l.rows[a.sent].at != p.Sent || a.landed >= 0 && l.rows[a.landed].at != p.Arrived {
				t.Fatalf("packet %d went at %v and came at %v", a.packet+1, l.rows[a.sent].at, p.Arrived)
			}
		}
	}
	if folds == 0 {
		t.Error("nothing was folded")
	}
}

func tickOf(l *ladder, r *row) int {
	for i := range l.clock {
		if l.clock[i].at == r.at {
			return i
		}
	}
	return -1
}

// hostile is what a stranger would like to see in a file.
const hostile = `</text></svg><script>alert(1)</script>"'&]]><!--` + "\x00\x1b[31m\x07\u202egnp.exe\u2066\u0085\ufffe\xff\xc3"

func TestAStrangersBytesStayText(t *testing.T) {
	tr := run(t, "message: hello")
	tr.Messages[0].Text, tr.Messages[0].Kind = hostile, hostile
	tr.Calls[0].What, tr.Calls[1].Note = hostile, hostile
	tr.Hosts[0].Name = hostile
	tr.Err = hostile
	tr.Marks = append(tr.Marks, trace.Mark{Name: hostile})
	about := About{Command: hostile, Wire: hostile}
	text := picture(t, tr, about)
	if err := alone(parse(t, text)); err != nil {
		t.Error(err)
	}
	for name, file := range map[string]string{"SVG": text, "HTML": webPage(t, tr, about)} {
		if !strings.Contains(file, "&lt;script&gt;") {
			t.Errorf("the %s does not show it", name)
		}
		if strings.Contains(strings.ToLower(file), "<script") {
			t.Errorf("the %s has a script", name)
		}
		for _, r := range file {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfffd || r == 0xfffe) {
				t.Fatalf("the %s has %U", name, r)
			}
		}
	}
}

func TestALongRunIsCutShortAndSaysSo(t *testing.T) {
	tr := run(t, "size: 1MB", "reply: none")
	text := picture(t, tr, About{})
	svg := parse(t, text)
	if err := legible(t, svg); err != nil {
		t.Error(err)
	}
	if n := len(drawn(t, svg)); n != MaxArrows {
		t.Errorf("%d packets are drawn, not %d", n, MaxArrows)
	}
	want := fmt.Sprintf("with the first 400 of %s packets. The text has them all (--plain --zoom packets).", group(len(tr.Packets)))
	said := 0
	svg.walk(func(e *element) {
		if (e.name == "text" || e.name == "desc") && strings.Contains(e.text, want) {
			said++
		}
	})
	if said != 2 {
		t.Errorf("%q is said %d times, not once to who sees it and once to who does not", want, said)
	}
}

func TestTheSameRunIsTheSamePicture(t *testing.T) {
	lines := []string{"size: 60kB", "loss: 5%", "reorder: 10%", "seed: 3"}
	about := About{Command: "wirelab tcp"}
	first, page := picture(t, run(t, lines...), about), webPage(t, run(t, lines...), about)
	for range 3 {
		tr := run(t, lines...)
		if picture(t, tr, about) != first || webPage(t, tr, about) != page {
			t.Fatal("it differs")
		}
	}
}

func TestAPictureIsSmall(t *testing.T) {
	tr := run(t)
	if n := len(picture(t, tr, About{})); n > 60_000 {
		t.Errorf("the picture of a run of %d packets takes %d bytes", len(tr.Packets), n)
	}
}

// The legend has what is on the picture, and nothing else.
func TestTheLegendExplainsWhatIsThere(t *testing.T) {
	for _, c := range []struct {
		lines    []string
		has, not []string
	}{
		{[]string{"message: hi", "reply: none"}, []string{"a segment with data, SYN, FIN or RST", "an acknowledgement alone", "the state of TCP from here on"},
			[]string{"sent again", "lost before it left", "lost on the way, where is not known", "a copy that the wire made", "a long wait, folded", "not there"}},
		{[]string{"drop: client:4", "reply: none"}, []string{"sent again", "lost before it left"}, []string{"lost on the way, where is not known"}},
		{[]string{"size: 20kB", "loss: 10%", "seed: 2"}, []string{"lost on the way, where is not known", "a long wait, folded"}, []string{"lost before it left", "a copy that the wire made"}},
		{[]string{"to-port: 81"}, []string{"a segment with data, SYN, FIN or RST"}, []string{"an acknowledgement alone"}},
		{[]string{"dup: client:4"}, []string{"a copy that the wire made"}, []string{"sent again"}},
		{[]string{"flip: client:4"}, []string{"arrived, and was thrown away", "sent again"}, []string{"lost before it left"}},
		{[]string{"size: 20kB", "drop: client:4", "limit-time: 62ms"}, []string{"not arrived when the picture ends", "sent, and no acknowledgement came", "not there"}, []string{"sent again"}},
	} {
		tr, _ := try(t, c.lines...)
		text := picture(t, tr, About{})
		for _, words := range c.has {
			if !strings.Contains(text, ">"+words+"</text>") {
				t.Errorf("%q: the legend lacks %q", c.lines, words)
			}
		}
		for _, words := range c.not {
			if strings.Contains(text, ">"+words+"</text>") {
				t.Errorf("%q: the legend has %q", c.lines, words)
			}
		}
	}
}

// Text can be read in both schemes (WCAG 2.2 section 1.4.3: 4.5 to 1).
func TestColoursAreApartFromTheirGround(t *testing.T) {
	luminance := func(colour string) float64 {
		var sum float64
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	for _, c := range []colours{light, dark} {
		ground := luminance(c.ground)
		for _, colour := range []string{c.text, c.quiet, c.client, c.server, c.lost, c.between} {
			hi, lo := max(ground, luminance(colour)), min(ground, luminance(colour))
			if ratio := (hi + 0.05) / (lo + 0.05); ratio < 4.5 {
				t.Errorf("%s on %s has %.1f to 1", colour, c.ground, ratio)
			}
		}
	}
}

// A host between others has its calls and states within the ladder.
func TestAHostInTheMiddleHasItsTextsThere(t *testing.T) {
	for _, lines := range [][]string{{"hops: 1", "message: hello"}, {"hops: 2", "size: 9000", "loss: 5%", "seed: 4"}, {"hops: 1", "size: 30kB", "reorder: 20%"}} {
		tr := run(t, lines...)
		for i := range tr.Calls {
			tr.Calls[i].Host = 1 // the router
		}
		svg := parse(t, picture(t, tr, About{}))
		if err := legible(t, svg); err != nil {
			t.Errorf("%q: %v", lines, err)
		}
		if n := count(svg, "l"); n < len(tr.Packets)+len(tr.Calls)/2 {
			t.Errorf("%q: %d labels for %d packets and %d calls", lines, n, len(tr.Packets), len(tr.Calls))
		}
	}
}

func TestAPictureOfNothing(t *testing.T) {
	text := picture(t, &trace.Trace{}, About{})
	if err := legible(t, parse(t, text)); err != nil {
		t.Error(err)
	}
	if !strings.Contains(text, "Nothing crossed the wire.") {
		t.Error("it does not say that it is empty")
	}
}

func TestSchemes(t *testing.T) {
	tr := run(t, "message: hi")
	for scheme, want := range map[Scheme][3]bool{Reader: {true, true, true}, Light: {true, false, false}, Dark: {false, true, false}} {
		text := picture(t, tr, About{Scheme: scheme})
		got := [3]bool{strings.Contains(text, light.ground), strings.Contains(text, dark.ground), strings.Contains(text, "@media screen and (prefers-color-scheme:dark)")}
		if got != want {
			t.Errorf("scheme %d has light, dark, a choice: %v", scheme, got)
		}
	}
}

func BenchmarkSVG(b *testing.B) {
	t := story.NewTeller(run(b, "size: 1MB"))
	b.ReportAllocs()
	for b.Loop() {
		if err := SVG(io.Discard, t, About{}); err != nil {
			b.Fatal(err)
		}
	}
}
