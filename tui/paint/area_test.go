package paint

import (
	"image"
	"strings"
	"testing"
)

// lines are what is on a canvas, a string a row.
func lines(c *Canvas) []string { return strings.Split(strings.TrimSuffix(c.Text(), "\n"), "\n") }

func wantText(t *testing.T, c *Canvas, want ...string) {
	t.Helper()
	if got := c.Text(); got != strings.Join(want, "\n")+"\n" {
		t.Errorf("the canvas shows\n%swant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestNothingIsDrawnOutsideOfAnArea(t *testing.T) {
	c := NewCanvas(6, 4)
	c.All().Fill(0, 0, 6, Style{}, '.')
	a := c.All().Sub(2, 1, 2, 2)
	for y := -3; y < 6; y++ {
		a.Put(-5, y, Style{}, "abcdefghijkl")
	}
	wantText(t, c, "......", "  fg", "  fg", "")
	a.Sub(1, 1, 9, 9).Fill(-9, 0, 99, Style{}, '#')
	wantText(t, c, "......", "  fg", "  f#", "")
	a.Down(0, -9, 99, Style{}, '|')
	wantText(t, c, "......", "  |g", "  |#", "")
	a.Sub(-1, -1, 1, 1).Put(0, 0, Style{}, "x")
	a.Sub(5, 5, -1, -1).Put(0, 0, Style{}, "x")
	wantText(t, c, "......", "  |g", "  |#", "")
	a.Clear()
	wantText(t, c, "......", "", "", "")
}

func TestAnAreaMayBeOfAnySize(t *testing.T) {
	for _, size := range []image.Point{{0, 0}, {1, 1}, {2, 1}, {1, 2}, {3, 3}, {-1, 5}, {5, -1}, {40, 1}} {
		c := NewCanvas(size.X, size.Y)
		a := c.All()
		a.Rule(0, Style{}, "a title")
		in := a.Box(Style{}, "a title")
		in.Center(0, Style{}, "in the middle")
		in.Cut(0, 0, 99, Style{}, "cut at the edge")
		in.Right(in.W(), 0, Style{}, "to the right")
		in.Restyle(-1, -1, 99, Strong)
		in.Cursor(0, 0)
		in.Click(-1, -1, 99, 99, "target")
		in.Clear()
		c.Dim()
		c.Render(themes[0])
		if w, h := c.Size(); w != max(size.X, 0) || h != max(size.Y, 0) {
			t.Errorf("a canvas of %v is %d by %d", size, w, h)
		}
	}
}

func TestABoxHasATitleInItsEdge(t *testing.T) {
	c := NewCanvas(12, 3)
	c.All().Box(Style{}, "help").Put(0, 0, Style{}, "what is in it")
	wantText(t, c, "╭─ help ───╮", "│what is in│", "╰──────────╯")
	c.All().Box(Style{}, "a long title")
	wantText(t, c, "╭─ a lon… ─╮", "│what is in│", "╰──────────╯")
}

func TestPlacesInAnAreaAreItsOwn(t *testing.T) {
	c := NewCanvas(10, 5)
	a := c.All().Rows(1, 3).Columns(2, 6).Sub(1, 1, 4, 2)
	if x := a.Put(0, 0, Style{}, "ab"); x != 2 {
		t.Errorf("the column behind is %d", x)
	}
	if x := a.Right(4, 1, Style{}, "cd"); x != 2 {
		t.Errorf("it begins at %d", x)
	}
	if x := a.Cut(2, 0, 9, Style{}, "long"); x != 4 {
		t.Errorf("the column behind what was cut is %d", x)
	}
	wantText(t, c, "", "", "   abl…", "     cd", "")
	if x, y := a.Local(3, 2); x != 0 || y != 0 {
		t.Errorf("its corner is at %d, %d", x, y)
	}
	a.Cursor(1, 1)
	if at, ok := c.Cursor(); !ok || at != image.Pt(4, 3) {
		t.Errorf("the cursor is at %v, %v", at, ok)
	}
	a.Cursor(4, 0) // outside
	if at, _ := c.Cursor(); at != image.Pt(4, 3) {
		t.Errorf("the cursor went to %v", at)
	}
}

func TestTheTopmostZoneIsHit(t *testing.T) {
	c := NewCanvas(10, 5)
	a := c.All().Sub(2, 1, 6, 3)
	a.Click(-9, -9, 99, 99, "below")
	a.Click(1, 1, 2, 1, "above")
	a.Click(9, 9, 1, 1, "outside")
	for at, want := range map[image.Point]any{
		{1, 1}: nil, {2, 0}: nil, {8, 1}: nil, {2, 4}: nil, {-1, -1}: nil, {11, 11}: nil,
		{2, 1}: "below", {7, 3}: "below", {3, 2}: "above", {4, 2}: "above", {5, 2}: "below", {3, 3}: "below",
	} {
		if got := c.Hit(at.X, at.Y); got != want {
			t.Errorf("at %v there is %v, want %v", at, got, want)
		}
	}
	c.Dim() // what is drawn over it takes the mouse and the cursor
	if c.Hit(3, 2) != nil {
		t.Error("what is dimmed takes the mouse")
	}
}

func TestResetForgets(t *testing.T) {
	c := NewCanvas(4, 2)
	c.All().Put(0, 0, Strong, "text")
	c.All().Click(0, 0, 4, 2, "target")
	c.All().Cursor(0, 0)
	for _, size := range []image.Point{{2, 1}, {8, 4}, {4, 2}} {
		c.Reset(size.X, size.Y)
		if _, ok := c.Cursor(); ok || c.Hit(0, 0) != nil || strings.TrimSpace(c.Text()) != "" {
			t.Errorf("at %v it still knows something", size)
		}
		if n := len(lines(c)); n != size.Y {
			t.Errorf("at %v it has %d lines", size, n)
		}
	}
}
