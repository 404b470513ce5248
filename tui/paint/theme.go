package paint

import (
	"fmt"
	"slices"
	"strings"
)

// A Role is what something on the screen is. Only two roles are identities: the
// client's and the server's.
type Role uint8

// The roles.
const (
	Plain Role = iota
	Client
	Server
	Good
	Lost
	Waiting
	Link // layer 2
	Quiet
	roles // how many there are
)

// A Style is how a text is drawn. No meaning hangs on it alone: what it says is
// there in signs or words too.
type Style struct {
	Role    Role
	Bold    bool
	Reverse bool
	Under   bool
}

// Strong is the style of what is said with weight.
var Strong = Style{Bold: true}

// In is the plain style of a role.
func In(r Role) Style { return Style{Role: r} }

// B is s, but bold.
func (s Style) B() Style { s.Bold = true; return s }

// R is s, but reversed: it is chosen.
func (s Style) R() Style { s.Reverse = true; return s }

// A Theme gives roles their colours. The ground is never painted.
type Theme struct {
	Name  string
	Dark  bool
	sgr   [roles]string // the parameters of "select graphic rendition" for each role
	ASCII bool          // signs are ASCII
}

// The themes that can be asked for by name. "16" in another terminal's words is
// what Basic makes of a theme.
var themes = []Theme{
	{Name: "dark", Dark: true, sgr: [roles]string{
		Client: rgb(0x56B4E9), Server: rgb(0xE69F00), Good: rgb(0x2BC79A), Lost: rgb(0xFF7A45),
		Waiting: rgb(0xF0E442), Link: rgb(0xD98CC0), Quiet: rgb(0x9AA1AB)}},
	{Name: "light", sgr: [roles]string{
		Client: rgb(0x005C9E), Server: rgb(0x8F5A00), Good: rgb(0x00694D), Lost: rgb(0xB03A00),
		Waiting: rgb(0x6B5B00), Link: rgb(0x8A3A74), Quiet: rgb(0x5F6670)}},
	{Name: "mono"},
}

func rgb(c uint32) string { return fmt.Sprintf("38;2;%d;%d;%d", c>>16, c>>8&0xff, c&0xff) }

// ThemeNames are the names of the themes.
func ThemeNames() (names []string) {
	for _, t := range themes {
		names = append(names, t.Name)
	}
	return names
}

// ThemeOf returns the theme of a name; ok is false if there is none.
func ThemeOf(name string) (Theme, bool) {
	i := slices.IndexFunc(themes, func(t Theme) bool { return t.Name == name })
	if i < 0 {
		return Theme{}, false
	}
	return themes[i], true
}

// Basic returns the theme for a terminal of 16 colours, which the user has
// chosen to be readable on the ground that is there.
func (t Theme) Basic() Theme {
	switch {
	case t.Name == "mono":
	case t.Dark:
		t.sgr = [roles]string{Client: "94", Server: "93", Good: "92", Lost: "91", Waiting: "1", Link: "95", Quiet: "90"}
	default: // the bright ones cannot be read on white
		t.sgr = [roles]string{Client: "34", Server: "33", Good: "32", Lost: "31", Waiting: "1", Link: "35", Quiet: "90"}
	}
	return t
}

// Render returns what is on the canvas as text for a terminal: h rows, parted by
// line feeds.
func (c *Canvas) Render(t Theme) string {
	var b strings.Builder
	b.Grow(len(c.cells) * 2)
	for y := range c.h {
		if y > 0 {
			b.WriteByte('\n')
		}
		var now Style
		for _, cell := range c.cells[y*c.w : (y+1)*c.w] {
			if cell.style != now {
				t.change(&b, cell.style)
				now = cell.style
			}
			r := cell.r
			if t.ASCII {
				r = ascii(r)
			}
			b.WriteRune(r)
		}
		if now != (Style{}) {
			b.WriteString("\x1b[m")
		}
	}
	return b.String()
}

// change writes what makes the terminal draw in style s, whatever it did before.
func (t *Theme) change(b *strings.Builder, s Style) {
	b.WriteString("\x1b[0")
	if s.Bold {
		b.WriteString(";1")
	}
	if s.Under {
		b.WriteString(";4")
	}
	if s.Reverse {
		b.WriteString(";7")
	}
	if color := t.sgr[s.Role]; color != "" {
		b.WriteByte(';')
		b.WriteString(color)
	}
	b.WriteByte('m')
}
