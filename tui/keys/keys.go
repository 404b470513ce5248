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
	{Left, []string{"left", "h"}, "←", Time, "back", "one step back, one on"},
	{Right, []string{"right", "l"}, "→", Time, "step", "one step back, one on"},
	{Slower, []string{"-", "_"}, "-", Time, "slower", "slower, faster"},
	{Faster, []string{"+"}, "+", Time, "faster", "slower, faster"},
	{First, []string{"home", "g"}, "g", Time, "first", "first step, last step"},
	{Last, []string{"end", "G"}, "G", Time, "last", "first step, last step"},
	{PageUp, []string{"pgup", "ctrl+b"}, "pgup", Time, "back", "ten steps; a page"},
	{PageDown, []string{"pgdown", "ctrl+f"}, "pgdn", Time, "on", "ten steps; a page"},
	{GoTo, []string{"@"}, "@", Time, "go to", "go to a time: 40ms"},
	{NextLoss, []string{"L"}, "L", Time, "loss", "next loss, and back"},
	{PrevLoss, []string{"ctrl+l"}, "ctrl+l", Time, "loss", "next loss, and back"},
	{NextAgain, []string{"R"}, "R", Time, "resent", "next resending, and back"},
	{PrevAgain, []string{"ctrl+r"}, "ctrl+r", Time, "resent", "next resending, and back"},
	{NextChange, []string{"S"}, "S", Time, "state", "next state, and back"},
	{PrevChange, []string{"ctrl+s"}, "ctrl+s", Time, "state", "next state, and back"},
	{NextCall, []string{"C"}, "C", Time, "call", "next call, and back"},
	{PrevCall, []string{"ctrl+k"}, "ctrl+k", Time, "call", "next call, and back"},

	{Up, []string{"up", "k"}, "↑", Choosing, "up", "choose another one"},
	{Down, []string{"down", "j"}, "↓", Choosing, "down", "choose another one"},
	{Open, []string{"enter"}, "", Choosing, "open", "open it, to the last bit"},
	{PrevConn, []string{"["}, "", Choosing, "previous", "another connection"},
	{NextConn, []string{"]"}, "", Choosing, "next", "another connection"},
	{NextPane, []string{"tab"}, "", Choosing, "pane", "another pane"},
	{PrevPane, []string{"shift+tab"}, "", Choosing, "pane", "another pane"},
	{Large, []string{"\\"}, "", Choosing, "large", "pane large, and back"},
	{Zoom, []string{"z"}, "", Choosing, "zoom", "calls, messages, packets"},
	{Graphs, []string{"v"}, "", Choosing, "graphs", "graphs over time"},
	{Layers, []string{"o"}, "", Choosing, "layers", "OSI, TCP/IP, or both"},
	{Bits, []string{"b"}, "", Choosing, "bits", "the bits of the field"},

	{Lose, []string{"x"}, "", WhatIf, "lose", "lose the chosen packet"},
	{Delay, []string{"d"}, "", WhatIf, "delay", "delay it"},
	{Duplicate, []string{"2"}, "", WhatIf, "twice", "let it arrive twice"},
	{Corrupt, []string{"c"}, "", WhatIf, "corrupt", "invert one of its bits"},
	{Swap, []string{"s"}, "", WhatIf, "swap", "swap it with the next"},
	{Undo, []string{"u"}, "", WhatIf, "undo", "take the change back"},
	{Conditions, []string{"e"}, "", WhatIf, "wire", "change wire and seed"},
	{Histories, []string{"="}, "", WhatIf, "compare", "both runs side by side"},
	{Again, []string{"r"}, "", WhatIf, "again", "again, with another seed"},
	{Copy, []string{"y"}, "", WhatIf, "copy", "copy this run's command"},

	{Words, []string{"w"}, "", Everywhere, "words", "explanations on, off"},
	{Theme, []string{"t"}, "", Everywhere, "theme", "dark, light, mono"},
	{Animation, []string{"a"}, "", Everywhere, "motion", "motion on, off"},
	{Mouse, []string{"M"}, "", Everywhere, "mouse", "mouse: click or select"},
	{Find, []string{"/"}, "", Everywhere, "find", "find"},
	{Next, []string{"n"}, "", Everywhere, "next", "found: next, before"},
	{Previous, []string{"N"}, "", Everywhere, "previous", "found: next, before"},
	{Help, []string{"?"}, "", Everywhere, "help", "this help"},
	{Suspend, []string{"ctrl+z"}, "", Everywhere, "suspend", "to the shell; fg returns"},
	{Back, []string{"esc"}, "", Everywhere, "back", "back one step"},
	{Quit, []string{"q"}, "", Everywhere, "quit", "leave"},
	{Leave, []string{"ctrl+c"}, "", Everywhere, "leave", "leave"},
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
