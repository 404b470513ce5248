package paint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/clipperhouse/displaywidth"
)

// looks are all the ways in which a canvas can be rendered.
func looks() (all []Theme) {
	for _, t := range themes {
		all = append(all, t, t.Basic())
	}
	return all
}

// everything is a canvas with every style on it.
func everything() *Canvas {
	c := NewCanvas(40, int(roles)*8)
	for i := range int(roles) * 8 {
		s := Style{Role: Role(i / 8), Bold: i&1 != 0, Reverse: i&2 != 0, Under: i&4 != 0}
		c.All().Put(i%7, i, s, "text ▐ A ▌▸ "+strconv.Itoa(i))
	}
	return c
}

var sequence = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// Only styles come out of a canvas, and the ground is never painted.
func TestRenderWritesOnlyStyles(t *testing.T) {
	c := everything()
	for _, theme := range looks() {
		out := c.Render(theme)
		if got := sequence.ReplaceAllString(out, ""); strings.ContainsRune(got, '\x1b') {
			t.Errorf("%s writes something else: %q", theme.Name, got)
		}
		for _, m := range sequence.FindAllStringSubmatch(out, -1) {
			p := strings.Split(m[1], ";")
			for i := 0; i < len(p); i++ {
				n, err := strconv.Atoi("0" + p[i])
				switch {
				case err != nil:
					t.Fatal(err)
				case n == 0, n == 1, n == 4, n == 7, n >= 30 && n <= 37, n >= 90 && n <= 97:
				case n == 38 && len(p) > i+4 && p[i+1] == "2":
					i += 4
				default:
					t.Errorf("%s writes the style %q", theme.Name, m[0])
				}
				if theme.Name == "mono" && n >= 30 {
					t.Errorf("mono writes the colour %q", m[0])
				}
			}
		}
		if n := strings.Count(out, "\n"); n != int(roles)*8-1 {
			t.Errorf("%s writes %d line feeds", theme.Name, n)
		}
	}
}

// What a terminal shows is what is on the canvas, in the styles that were asked
// for, and its own style is as before.
func TestATerminalShowsTheCanvas(t *testing.T) {
	c := everything()
	for _, theme := range looks() {
		emu := vt.NewEmulator(40, int(roles)*8)
		emu.Write([]byte(strings.ReplaceAll(c.Render(theme), "\n", "\r\n")))
		for y := range int(roles) * 8 {
			for x := range 40 {
				got, want := emu.CellAt(x, y), c.cells[y*40+x]
				if got.Content != string(want.r) || got.Width != 1 {
					t.Fatalf("%s: at %d, %d stands %q, want %q", theme.Name, x, y, got.Content, want.r)
				}
				bold, reverse, under := got.Style.Attrs&1 != 0, got.Style.Attrs&(1<<5) != 0, got.Style.Underline != 0
				wantBold := want.style.Bold || theme.sgr[want.style.Role] == "1"
				if bold != wantBold || reverse != want.style.Reverse || under != want.style.Under {
					t.Fatalf("%s: at %d, %d the style is %+v, want %+v", theme.Name, x, y, got.Style, want.style)
				}
				if got.Style.Bg != nil || (got.Style.Fg != nil) != (len(theme.sgr[want.style.Role]) > 1) {
					t.Fatalf("%s: at %d, %d the colours are %v on %v", theme.Name, x, y, got.Style.Fg, got.Style.Bg)
				}
			}
		}
		emu.Write([]byte("x"))
		if at := emu.CursorPosition(); !emu.CellAt(at.X-1, at.Y).Style.IsZero() {
			t.Errorf("%s leaves a style behind", theme.Name)
		}
	}
}

// Client and server have a colour of their own in every theme with colours.
func TestIdentitiesDiffer(t *testing.T) {
	for _, theme := range looks() {
		if theme.Name != "mono" && (theme.sgr[Client] == "" || theme.sgr[Client] == theme.sgr[Server]) {
			t.Errorf("in %s client and server are %q and %q", theme.Name, theme.sgr[Client], theme.sgr[Server])
		}
		for r := Good; r < roles; r++ {
			if theme.Name != "mono" && (theme.sgr[r] == theme.sgr[Client] || theme.sgr[r] == theme.sgr[Server]) {
				t.Errorf("in %s role %d looks like a host", theme.Name, r)
			}
		}
	}
}

// Text reaches a contrast of 4.5 to 1 (WCAG 2, AA) on the grounds that are common.
func TestColoursCanBeRead(t *testing.T) {
	grounds := map[bool][]uint32{true: {0x000000, 0x1e1e2e, 0x282c34, 0x002b36}, false: {0xffffff, 0xfdf6e3, 0xeff1f5, 0xf5f5f5}}
	for _, theme := range themes {
		for role, sgr := range theme.sgr {
			p := strings.Split(sgr, ";")
			if len(p) != 5 {
				continue
			}
			var c uint32
			for _, part := range p[2:] {
				n, err := strconv.Atoi(part)
				if err != nil {
					t.Fatal(err)
				}
				c = c<<8 | uint32(n)
			}
			for _, ground := range grounds[theme.Dark] {
				if got := contrast(c, ground); got < 4.5 {
					t.Errorf("%s, role %d on %06x: contrast %.1f", theme.Name, role, ground, got)
				}
			}
		}
	}
}

func TestThemesByName(t *testing.T) {
	if got := ThemeNames(); !slices.Equal(got, []string{"dark", "light", "mono"}) {
		t.Errorf("the themes are %v", got)
	}
	for _, name := range ThemeNames() {
		if theme, ok := ThemeOf(name); !ok || theme.Name != name || theme.ASCII {
			t.Errorf("%s is %+v, %v", name, theme, ok)
		}
	}
	if _, ok := ThemeOf("pink"); ok {
		t.Error("there is a theme of any name")
	}
}

// signs are all characters beyond ASCII in the texts of the source, much of which
// can come to be on a screen, and where each stands.
func signs(t *testing.T) map[rune]string {
	found := map[rune]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING && l.Kind != token.CHAR {
				return true
			}
			for _, r := range l.Value {
				if r > 0x7f {
					found[r] = path
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Every sign is one column wide, is drawn, and has an ASCII partner.
func TestEverySignHasAPartner(t *testing.T) {
	all := signs(t)
	for _, r := range "─│▐▌▸◂█▒▓░╳❚▶…·" {
		if all[r] == "" {
			t.Errorf("%q is found in no file: is the source read?", r)
		}
	}
	for r := rune(0x2800); r <= 0x28ff; r++ {
		all[r] = "graphs"
	}
	for r, where := range all {
		if w := displaywidth.Rune(r); w != 1 {
			t.Errorf("%s: %q %U is %d columns wide", where, r, r, w)
		}
		if got := safe(r); got != r {
			t.Errorf("%s: %q %U is drawn as %q", where, r, r, got)
		}
		if a := ascii(r); a == '?' || a < ' ' || a > '~' {
			t.Errorf("%s: the ASCII partner of %q %U is %q", where, r, r, a)
		}
	}
}

func TestASCIIIsASCII(t *testing.T) {
	c := NewCanvas(256, 256)
	for y := range 256 {
		for x := range 256 {
			c.All().Put(x, y, Style{Role: Role(x % int(roles))}, string(rune(y*256+x)))
		}
	}
	for _, theme := range looks() {
		theme.ASCII = true
		for i, b := range []byte(c.Render(theme)) {
			if b > '~' || b < ' ' && b != '\n' && b != '\x1b' {
				t.Fatalf("%s: byte %d is %#x", theme.Name, i, b)
			}
		}
	}
}

// Signs that mean different things side by side stay different in ASCII.
func TestPartnersStayApart(t *testing.T) {
	for _, group := range []string{"█▒▓░", "▸◂", "╳▒", "▾▸", "─│", "▐▌", "✓✗", "▁▂▃▄▅▆▇", "↑↓←→"} {
		seen := map[rune]rune{}
		for _, r := range group {
			if other := seen[ascii(r)]; other != 0 {
				t.Errorf("%q and %q are both %q", other, r, ascii(r))
			}
			seen[ascii(r)] = r
		}
	}
}

// contrast is the contrast ratio of WCAG 2 between two colours.
func contrast(a, b uint32) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c uint32) (sum float64) {
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(c>>(16-8*i)&0xff) / 255
		if v <= 0.03928 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// Whatever a stranger sends, what comes out changes no more of a terminal than
// the cells it is drawn in.
func FuzzNothingDrawnChangesTheTerminal(f *testing.F) {
	for _, s := range []string{"hello", "a\x1b[2J\x1b]0;owned\a\r\x08\x7f\u009b31m\u0085\u202e\u2066gnp.exe\u200f\u061c\u2028\u2029\ufeff\u200b\xff\xc3\x28\xed\xa0\x80\x9b",
		"👨‍👩‍👧漢字कि\u094dषe\u0301\u0301\u0301각각🇨🇭ｶﾞ\u0e33\u0600x", "\x1b[?1049l\x1b[?25l\x1bc\x1b(0", "\u00ad\U000e0041\ufe0f\u115f\u3164"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		c := NewCanvas(30, 3)
		for y := range 3 {
			c.All().Fill(0, y, 30, Style{}, '#')
		}
		text := string(payload)
		end := c.All().Sub(5, 1, 20, 1).Put(0, 0, Strong, text)
		if end != Width(text) {
			t.Fatalf("it ends at %d, said %d", end, Width(text))
		}
		emu := vt.NewEmulator(30, 3)
		emu.SetCallbacks(vt.Callbacks{
			Bell:        func() { t.Error("it rings") },
			Title:       func(s string) { t.Errorf("it sets the title %q", s) },
			AltScreen:   func(bool) { t.Error("it changes the screen") },
			EnableMode:  func(m ansi.Mode) { t.Errorf("it sets mode %v", m) },
			DisableMode: func(m ansi.Mode) { t.Errorf("it resets mode %v", m) },
		})
		emu.Write([]byte(strings.ReplaceAll(c.Render(themes[0]), "\n", "\r\n")))
		for y := range 3 {
			for x := range 30 {
				cell, want := emu.CellAt(x, y), c.cells[y*30+x].r
				if cell.Width != 1 || cell.Content != string(want) {
					t.Fatalf("at %d, %d stands %q, want %q", x, y, cell.Content, want)
				}
				if (y != 1 || x < 5 || x >= min(5+end, 25)) && cell.Content != "#" {
					t.Fatalf("at %d, %d stands %q beside the payload", x, y, cell.Content)
				}
			}
		}
	})
}
