// Package keys is the one table of keys of all screens: matching, the bottom
// bar, help and the reference page are made from it.
package keys

import "slices"

// An Action is what a key asks for. A key asks for the same on every screen.
type Action uint8

// The actions, in the order in which help shows them.
const (
	None Action = iota

	// time
	Play
	Left // one step back, or close
	Right
	Slower
	Faster
	First
	Last
	PageUp
	PageDown
	GoTo
	NextLoss
	PrevLoss
	NextAgain
	PrevAgain
	NextChange
	PrevChange
	NextCall
	PrevCall

	// what is chosen
	Up
	Down
	Open
	NextConn
	PrevConn
	NextPane
	PrevPane
	Large
	Zoom
	Graphs
	Layers
	Bits
	Mark
	Follow

	// what if
	Lose
	Delay
	Duplicate
	Corrupt
	Swap
	Undo
	Conditions
	Histories
	Again
	Copy

	// everywhere
	Words
	Theme
	Animation
	Mouse
	Find
	Next
	Previous
	Help
	Suspend
	Back
	Quit
	Leave
)

// A Group puts keys together in help.
type Group string

// The groups.
const (
	Time       Group = "time"
	Choosing   Group = "what is shown"
	WhatIf     Group = "what if"
	Everywhere Group = "everywhere"
)

// A Key is a row of the table.
type Key struct {
	Action Action
	Names  []string // as the terminal names them; the first is shown if Show is empty
	Show   string   // in the bar and in help
	Group  Group
	Short  string // one word for the bar
	Does   string // for help
}

// Label is how the key is written.
func (k *Key) Label() string {
	if k.Show != "" {
		return k.Show
	}
	return k.Names[0]
}

var table = []Key{
	{Play, []string{"space"}, "", Time, "play", "play, pause"},
	{Left, []string{"left", "h"}, "←", Time, "back", "one step back; close"},
	{Right, []string{"right", "l"}, "→", Time, "step", "one step on; open"},
	{Slower, []string{"-", "_"}, "-", Time, "slower", "slower"},
	{Faster, []string{"+"}, "+", Time, "faster", "faster"},
	{First, []string{"home", "g"}, "g", Time, "first", "to the beginning"},
	{Last, []string{"end", "G"}, "G", Time, "last", "to the end"},
	{PageUp, []string{"pgup", "ctrl+b"}, "pgup", Time, "back", "ten steps back; a page up"},
	{PageDown, []string{"pgdown", "ctrl+f"}, "pgdn", Time, "on", "ten steps on; a page down"},
	{GoTo, []string{"@"}, "@", Time, "go to", "go to a time, such as 40ms"},
	{NextLoss, []string{"L"}, "L", Time, "loss", "to the next packet that is lost"},
	{PrevLoss, []string{"ctrl+l"}, "ctrl+l", Time, "loss", "to the one before"},
	{NextAgain, []string{"R"}, "R", Time, "resent", "to the next packet that is sent again"},
	{PrevAgain, []string{"ctrl+r"}, "ctrl+r", Time, "resent", "to the one before"},
	{NextChange, []string{"S"}, "S", Time, "state", "to the next change of state"},
	{PrevChange, []string{"ctrl+s"}, "ctrl+s", Time, "state", "to the one before"},
	{NextCall, []string{"C"}, "C", Time, "call", "to the next call of a program"},
	{PrevCall, []string{"ctrl+k"}, "ctrl+k", Time, "call", "to the one before"},

	{Up, []string{"up", "k"}, "↑", Choosing, "up", "choose the one before"},
	{Down, []string{"down", "j"}, "↓", Choosing, "down", "choose the next one"},
	{Open, []string{"enter"}, "", Choosing, "open", "open it: every field, every byte"},
	{NextConn, []string{"]"}, "", Choosing, "next", "next connection"},
	{PrevConn, []string{"["}, "", Choosing, "previous", "previous connection"},
	{NextPane, []string{"tab"}, "", Choosing, "pane", "next pane"},
	{PrevPane, []string{"shift+tab"}, "", Choosing, "pane", "pane before"},
	{Large, []string{"\\"}, "", Choosing, "large", "this pane large, and back"},
	{Zoom, []string{"z"}, "", Choosing, "zoom", "calls, messages, packets"},
	{Graphs, []string{"v"}, "", Choosing, "graphs", "graphs over time"},
	{Layers, []string{"o"}, "", Choosing, "layers", "OSI, TCP/IP, or both"},
	{Bits, []string{"b"}, "", Choosing, "bits", "the bits of the field"},
	{Mark, []string{"m"}, "", Choosing, "mark", "mark this moment"},
	{Follow, []string{"f"}, "", Choosing, "follow", "follow the stream"},

	{Lose, []string{"x"}, "", WhatIf, "lose", "lose the chosen packet"},
	{Delay, []string{"d"}, "", WhatIf, "delay", "delay it"},
	{Duplicate, []string{"2"}, "", WhatIf, "twice", "let it arrive twice"},
	{Corrupt, []string{"c"}, "", WhatIf, "corrupt", "invert one of its bits"},
	{Swap, []string{"s"}, "", WhatIf, "swap", "swap it with the next one"},
	{Undo, []string{"u"}, "", WhatIf, "undo", "take the last change back"},
	{Conditions, []string{"e"}, "", WhatIf, "wire", "change the wire and the seed"},
	{Histories, []string{"="}, "", WhatIf, "compare", "both histories side by side"},
	{Again, []string{"r"}, "", WhatIf, "again", "run again with another seed"},
	{Copy, []string{"y"}, "", WhatIf, "copy", "copy the command of this run"},

	{Words, []string{"w"}, "", Everywhere, "words", "explanations on, off"},
	{Theme, []string{"t"}, "", Everywhere, "theme", "dark, light, mono"},
	{Animation, []string{"a"}, "", Everywhere, "motion", "motion on, off"},
	{Mouse, []string{"M"}, "", Everywhere, "mouse", "let go of the mouse, to select text"},
	{Find, []string{"/"}, "", Everywhere, "find", "find"},
	{Next, []string{"n"}, "", Everywhere, "next", "next one found"},
	{Previous, []string{"N"}, "", Everywhere, "previous", "the one before"},
	{Help, []string{"?"}, "", Everywhere, "help", "this help"},
	{Suspend, []string{"ctrl+z"}, "", Everywhere, "suspend", "back to the shell; fg returns"},
	{Back, []string{"esc"}, "", Everywhere, "back", "back one step"},
	{Quit, []string{"q"}, "", Everywhere, "quit", "quit"},
	{Leave, []string{"ctrl+c"}, "", Everywhere, "leave", "leave at once"},
}

// All returns the table.
func All() []Key { return slices.Clone(table) }

// Of returns the row of an action.
func Of(a Action) *Key {
	i := slices.IndexFunc(table, func(k Key) bool { return k.Action == a })
	if i < 0 {
		return nil
	}
	return &table[i]
}

// Lookup returns the action of a key as the terminal names it, or None.
func Lookup(name string) Action {
	for i := range table {
		if slices.Contains(table[i].Names, name) {
			return table[i].Action
		}
	}
	return None
}

// An Offer is an action that a screen knows, at this moment.
type Offer struct {
	Action Action
	Short  string // another word than the table's
	Not    string // why it cannot work now; empty: it can
}
