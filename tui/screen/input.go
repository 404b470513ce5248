package screen

import (
	"unicode/utf8"

	"wirelab/tui/paint"
)

// An Input is a line that is being typed.
type Input struct {
	Prompt string
	text   []rune
	at     int // the cursor
	Error  string
	Done   func(text string) Effect // enter was pressed
	Cancel func()                   // esc was pressed
}

// NewInput returns an input that holds text already.
func NewInput(prompt, text string) *Input {
	in := &Input{Prompt: prompt, text: []rune(text)}
	in.at = len(in.text)
	return in
}

// Text is what was typed so far.
func (in *Input) Text() string { return string(in.text) }

// Type inserts what was typed or pasted, without its controls.
func (in *Input) Type(s string) {
	for _, r := range s {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError {
			continue
		}
		in.text = append(in.text[:in.at], append([]rune{r}, in.text[in.at:]...)...)
		in.at++
	}
	in.Error = ""
}

// Key does what a key that is no text asks for; done is false if it asks for
// nothing here.
func (in *Input) Key(name string) (e Effect, done bool) {
	switch name {
	case "enter":
		if in.Done != nil {
			e = in.Done(in.Text())
		}
	case "esc":
		if in.Cancel != nil {
			in.Cancel()
		}
	case "left", "ctrl+b":
		in.at = max(in.at-1, 0)
	case "right", "ctrl+f":
		in.at = min(in.at+1, len(in.text))
	case "home", "ctrl+a":
		in.at = 0
	case "end", "ctrl+e":
		in.at = len(in.text)
	case "backspace":
		if in.at > 0 {
			in.text = append(in.text[:in.at-1], in.text[in.at:]...)
			in.at--
		}
	case "delete", "ctrl+d":
		if in.at < len(in.text) {
			in.text = append(in.text[:in.at], in.text[in.at+1:]...)
		}
	case "ctrl+u":
		in.text, in.at = in.text[in.at:], 0
	case "ctrl+k":
		in.text = in.text[:in.at]
	default:
		return nil, false
	}
	if name != "enter" {
		in.Error = ""
	}
	return e, true
}

// Draw draws the line in row y of an area, with the terminal's cursor in it, and
// behind it what is wrong with it.
func (in *Input) Draw(a paint.Area, x, y int) {
	x = a.Put(x, y, paint.Strong, in.Prompt)
	if in.Prompt != "" {
		x++
	}
	room := max(a.W()-x-1, 1)
	from := max(0, in.at-room+1)
	end := a.Cut(x, y, room, paint.Style{Under: true}, string(in.text[from:]))
	a.Fill(end, y, min(4, a.W()-end), paint.Style{Under: true}, ' ')
	a.Cursor(x+in.at-from, y)
	if in.Error != "" {
		a.Cut(end+5, y, a.W()-end-5, paint.In(paint.Lost), in.Error)
	}
}
