package exchanges

import (
	"reflect"
	"strings"
	"testing"

	"wirelab/scenario"
	"wirelab/scenario/chance"
)

func TestEveryNameFindsItsExchange(t *testing.T) {
	seen := map[string]bool{}
	for _, ex := range All() {
		for _, name := range append(ex.Aliases(), ex.Name()) {
			if seen[name] {
				t.Errorf("%s is the name of two", name)
			}
			seen[name] = true
			if got, _ := Find(name); got != ex {
				t.Errorf("%s finds %v", name, got)
			}
		}
	}
	ex, names := Find("carrier-pigeon")
	if ex != nil || len(names) != len(All()) {
		t.Errorf("an unknown name finds %v, and the names are %v", ex, names)
	}
}

// What a user gets without any flag can be run, and is its own text.
func TestEveryDefaultCanBeRun(t *testing.T) {
	for _, ex := range All() {
		s := scenario.Default(ex)
		if err := s.Validate(ex); err != nil {
			t.Errorf("%s: %v", ex.Name(), err)
		}
		got, found, err := Parse(s.Text(ex))
		if err != nil || found != ex || !reflect.DeepEqual(got, s) {
			t.Errorf("%s is read back as %+v, %v", ex.Name(), got, err)
		}
		if command := s.Command(ex); command != "wirelab "+ex.Name() {
			t.Errorf("%s: the command is %s", ex.Name(), command)
		}
		if _, err := scenario.Run(t.Context(), ex, s); err != nil {
			t.Errorf("%s: %v", ex.Name(), err)
		}
	}
}

// Each word is named once, has help, and its default is in its shortest form.
func TestEveryWordIsWellFormed(t *testing.T) {
	for _, ex := range All() {
		def := scenario.Default(ex)
		seen := map[string]bool{"exchange": true}
		for _, w := range scenario.Words(ex) {
			if seen[w.Name] || w.Help == "" || strings.HasSuffix(w.Help, ".") {
				t.Errorf("%s: %s stands twice, or its help is %q", ex.Name(), w.Name, w.Help)
			}
			seen[w.Name] = true
			v, said := w.Get(&def)
			if !said {
				continue
			}
			again := scenario.Default(ex)
			if err := w.Set(&again, v); err != nil {
				t.Errorf("%s: the default of %s: %v", ex.Name(), w.Name, err)
			} else if got, _ := w.Get(&again); got != v {
				t.Errorf("%s: the default of %s is %q, and its shortest form %q", ex.Name(), w.Name, v, got)
			}
		}
	}
}

// Whatever text is read, with the words of every exchange, is written as a text
// that is read as the same, and said to be possible or not, without a panic.
func FuzzParse(f *testing.F) {
	for _, ex := range All() {
		s := scenario.Default(ex)
		f.Add(s.Text(ex))
		for _, w := range scenario.Words(ex) {
			f.Add("exchange: " + ex.Name() + "\n" + w.Name + ": 1")
		}
	}
	for seed := range uint64(10) {
		f.Add(chance.TCP(seed))
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ex, err := Parse(text)
		if err != nil {
			return
		}
		written := s.Text(ex)
		again, found, err := Parse(written)
		if err != nil || found != ex || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v\nis written\n%sand read as\n%+v, %v", s, written, again, err)
		}
		s.Validate(ex)
	})
}
