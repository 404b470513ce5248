package keys

import (
	"strings"
	"testing"
	"unicode"
)

func TestEveryActionHasOneRow(t *testing.T) {
	rows := map[Action]int{}
	for _, k := range All() {
		rows[k.Action]++
	}
	for a := None + 1; a <= Leave; a++ {
		if rows[a] != 1 {
			t.Errorf("action %d has %d rows", a, rows[a])
		}
		if k := Of(a); k == nil || k.Action != a {
			t.Errorf("the row of action %d is %v", a, k)
		}
	}
	if len(All()) != int(Leave) {
		t.Errorf("there are %d rows for %d actions", len(All()), Leave)
	}
	if Of(None) != nil {
		t.Error("to ask for nothing there is a key")
	}
}

func TestAKeyAsksForOneThing(t *testing.T) {
	of := map[string]Action{}
	for _, k := range All() {
		if len(k.Names) == 0 {
			t.Errorf("action %d has no key", k.Action)
		}
		for _, name := range k.Names {
			if other, taken := of[name]; taken {
				t.Errorf("%q asks for %d and for %d", name, other, k.Action)
			}
			of[name] = k.Action
			if got := Lookup(name); got != k.Action {
				t.Errorf("%q asks for %d, want %d", name, got, k.Action)
			}
		}
	}
	for _, name := range []string{"", "f12", "ctrl+q", "Q", "1"} {
		if a := Lookup(name); a != None {
			t.Errorf("%q asks for %d", name, a)
		}
	}
}

// What the table says fits into bar and help, and is one word where the bar
// shows it.
func TestTheTableIsToldInFewWords(t *testing.T) {
	for _, k := range All() {
		if k.Label() == "" || len([]rune(k.Label())) > 9 {
			t.Errorf("%q is a long label", k.Label())
		}
		if n := len([]rune(k.Does)); n == 0 || n > 24 {
			t.Errorf("%q does not fit into a column of help", k.Does)
		}
		if k.Short == "" || len(strings.Fields(k.Short)) > 2 || len(k.Short) > 10 {
			t.Errorf("%q is not short", k.Short)
		}
		switch k.Group {
		case Time, Choosing, WhatIf, Everywhere:
		default:
			t.Errorf("%q is a group that help does not show", k.Group)
		}
		for _, r := range k.Label() + k.Short + k.Does {
			if !unicode.IsPrint(r) {
				t.Errorf("%q holds %q", k.Label(), r)
			}
		}
	}
}

// These have one meaning on every screen.
func TestReservedKeys(t *testing.T) {
	for name, want := range map[string]Action{
		"?": Help, "/": Find, "n": Next, "N": Previous, "tab": NextPane, "enter": Open, "space": Play,
		"esc": Back, "q": Quit, "ctrl+c": Leave, "ctrl+z": Suspend, "\\": Large,
		"h": Left, "j": Down, "k": Up, "l": Right, "left": Left, "down": Down, "up": Up, "right": Right,
		"g": First, "G": Last, "home": First, "end": Last, "pgup": PageUp, "pgdown": PageDown,
	} {
		if got := Lookup(name); got != want {
			t.Errorf("%q asks for %d, want %d", name, got, want)
		}
	}
}
