// Package house_test holds the rules of the house, which no compiler checks.
package house_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "wirelab"

// floors are the folders from the top of the house to the ground. A package
// imports only from floors below its own; folders on one floor are apart.
var floors = [][]string{
	{"cmd"},
	{"tui"},
	{"export"},
	{"story"},
	{"lessons"},
	{"compare"},
	{"door"},
	{"exchanges"},
	{"queue"}, {"socketio"}, {"longpoll"}, {"websocket"}, {"web"}, {"udp"}, {"tcp"}, {"dns"}, {"ping"},
	{"scenario"},
	{"wire"},
	{"trace"},
	{"packets"},
	{"osi"},
}

// only says which folder alone may import a library, by the start of its path.
var only = map[string]string{
	"github.com/gopacket/gopacket": "packets",
	"gvisor.dev/gvisor":            "wire",
	"charm.land/":                  "tui",
	"github.com/spf13/cobra":       "cmd",
	"github.com/spf13/pflag":       "cmd",
	"testing/synctest":             "wire",
}

type pkg struct {
	ImportPath, Dir, Doc string
	Imports              []string
	GoFiles              []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var ps []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			ps = append(ps, p)
		}
	}
	if len(ps) < 5 {
		t.Fatalf("go list found only %d packages", len(ps))
	}
	return ps
}

// folder is the top-level folder of a package of the project.
func folder(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, module+"/")
	top, _, _ := strings.Cut(rest, "/")
	return top, ok
}

func floorOf(folder string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, folder) })
}

func TestImportsRunDownward(t *testing.T) {
	for _, p := range packages(t) {
		from, _ := folder(p.ImportPath)
		if floorOf(from) < 0 {
			t.Errorf("%s stands on no floor: give it one in floors", p.ImportPath)
		}
		for _, imp := range p.Imports {
			to, ours := folder(imp)
			if ours && to != from && floorOf(to) <= floorOf(from) {
				t.Errorf("%s imports %s: imports run downward only", p.ImportPath, imp)
			}
			for lib, owner := range only {
				if strings.HasPrefix(imp, lib) && from != owner {
					t.Errorf("%s imports %s: only %s does", p.ImportPath, imp, owner)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func TestNoDrawersForOddsAndEnds(t *testing.T) {
	for _, p := range packages(t) {
		if name := filepath.Base(p.ImportPath); slices.Contains([]string{"util", "utils", "common", "helpers", "types", "misc"}, name) {
			t.Errorf("%s: name a package for what it is about", p.ImportPath)
		}
	}
}

func TestFilesFitInTheHead(t *testing.T) {
	const most = 500 // lines
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(b), "\n"); n > most {
				t.Errorf("%s/%s has %d lines, more than %d: find the wall in it", p.ImportPath, f, n, most)
			}
		}
	}
}

// The one use of testing/synctest outside of tests stays in one small file.
func TestOneFileUsesTheBubble(t *testing.T) {
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), `"testing/synctest"`) && f != "bubble.go" {
				t.Errorf("%s/%s imports testing/synctest: only wire/bubble.go does", p.ImportPath, f)
			}
		}
	}
}

// Nothing in the house speaks of machines on which it was built.
func TestNoPathsOfAMachine(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	above := filepath.Dir(here) + string(filepath.Separator)
	if len(above) < len("/a/") {
		t.Skip("the checkout lies too near the root for its path to tell anything")
	}
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".git" && d.IsDir():
			return fs.SkipDir
		case d.Name() == ".git": // of a second work tree
			return nil
		case d.IsDir() || path == "house_test.go":
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(string(b), above) {
			t.Errorf("%s holds %s, a path of this machine", path, above)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
