package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A session is a command in a document, and what the document says it prints.
type session struct {
	line    int
	command string
	output  []string
}

// sessions are the commands in the console blocks of a document.
func sessions(t *testing.T, path string) (list []session) {
	t.Helper()
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for n, line := range strings.Split(string(doc), "\n") {
		switch {
		case line == "```console":
			inside = true
		case line == "```":
			inside = false
		case !inside:
		case strings.HasPrefix(line, "$ "):
			list = append(list, session{line: n + 1, command: line[2:]})
		default:
			last := &list[len(list)-1]
			last.output = append(last.output, line)
		}
	}
	return list
}

// follows says whether got is what a document shows: a line of three dots there
// stands for any lines, and three dots at the end of a line for its rest.
func follows(got, shown []string) error {
	skip := false
	for _, want := range shown {
		if want == "..." {
			skip = true
			continue
		}
		for {
			if len(got) == 0 {
				return fmt.Errorf("it does not print %q", want)
			}
			line := got[0]
			got = got[1:]
			start, cut := strings.CutSuffix(want, "...")
			if line == want || cut && strings.HasPrefix(line, start) {
				break
			}
			if !skip {
				return fmt.Errorf("it prints %q, not %q", line, want)
			}
		}
		skip = false
	}
	if len(got) > 0 && !skip {
		return fmt.Errorf("it prints more: %q", got[0])
	}
	return nil
}

// What the documents show is what the commands print.
func TestDocumentsShowWhatIsPrinted(t *testing.T) {
	var paths []string
	for _, path := range []string{"../../README.md", "../../docs/json.md"} {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, abs)
	}
	for _, path := range paths {
		t.Chdir(t.TempDir()) // commands of one document may read what others wrote
		list := sessions(t, path)
		if len(list) == 0 {
			t.Errorf("%s shows no command", filepath.Base(path))
		}
		for _, s := range list {
			args := strings.Fields(s.command)
			if args[0] != "wirelab" {
				t.Errorf("%s:%d: %s is no command of wirelab", filepath.Base(path), s.line, s.command)
				continue
			}
			var out bytes.Buffer
			if code := run(t.Context(), args[1:], &out, &out); code != exitDone {
				t.Errorf("%s:%d: %s: status %d, %s", filepath.Base(path), s.line, s.command, code, &out)
				continue
			}
			if err := follows(strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), s.output); err != nil {
				t.Errorf("%s:%d: %s: %v", filepath.Base(path), s.line, s.command, err)
			}
		}
	}
}

func TestFollows(t *testing.T) {
	got := []string{"one", "two", "three"}
	for shown, want := range map[string]bool{
		"one|two|three": true, "one|...|three": true, "...|two|...": true, "...": true, "o...|two|three": true, "one|two|three|...": true,
		"one|two": false, "two|three": false, "one|three": false, "...|four|...": false, "...|three|two": false, "x...|two|three": false,
	} {
		if err := follows(got, strings.Split(shown, "|")); (err == nil) != want {
			t.Errorf("%s: %v", shown, err)
		}
	}
}

// The table of commands and the commands are the same.
func TestTheReadmeNamesEveryCommand(t *testing.T) {
	doc, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, c := range root().Commands() {
		if c.Name() != "help" && !c.Hidden {
			want = append(want, c.Use)
		}
	}
	for _, use := range want {
		if !strings.Contains(string(doc), "| `wirelab "+use+"` |") {
			t.Errorf("the README does not name `wirelab %s`", use)
		}
	}
	if got := strings.Count(string(doc), "\n| `wirelab "); got != len(want) {
		t.Errorf("the README names %d commands; there are %d", got, len(want))
	}
}

// The flags that the README names exist, and take the values that it shows.
func TestTheReadmesFlagsWork(t *testing.T) {
	doc, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write(t, "path", []byte("hello"))
	n := 0
	for line := range strings.Lines(string(doc)) {
		if !strings.HasPrefix(line, "| `--") {
			continue
		}
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		for flag := range strings.SplitSeq(cell, "`, `") {
			n++
			args := append([]string{"tcp"}, strings.Fields(strings.Trim(flag, "`"))...)
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), args, &stdout, &stderr); code != exitDone {
				t.Errorf("%v: status %d, %s", args, code, &stderr)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d flags were found", n)
	}
}
