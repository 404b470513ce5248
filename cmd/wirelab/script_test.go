package main

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"wirelab/tui"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts anew")

// scratch is a folder for what the tests of this package share.
var scratch string

// withScratch runs the tests with their scratch folder.
type withScratch struct{ *testing.M }

func (m withScratch) Run() int {
	var err error
	if scratch, err = os.MkdirTemp("", "wirelab-test-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(scratch)
	return m.M.Run()
}

func TestMain(m *testing.M) {
	if tui.IsMonitor() { // of one of the commands below
		tui.RunMonitor()
		return
	}
	testscript.Main(withScratch{m}, map[string]func(){"wirelab": main, "broken": broken, "holder": holder})
}

// The scripts in testdata/script read like a manual: each shows commands and
// all that they print.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fails": fails,
			"jsonl": jsonl,
		},
		Condition: func(name string) (bool, error) {
			program, ok := strings.CutPrefix(name, "has:")
			_, err := exec.LookPath(program)
			if !ok {
				err = errors.New("unknown condition " + name)
				return false, err
			}
			return err == nil, nil
		},
	})
}

// fails runs a command that must end with this exit status, print nothing, and
// say why in one line: fails 2 wirelab --no-such-flag.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails STATUS COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case err == nil:
		ts.Fatalf("it ended with status 0, want %d", want)
	case !errors.As(err, &exit):
		ts.Fatalf("%v", err)
	case exit.ExitCode() != want:
		ts.Fatalf("it ended with status %d, want %d: %s", exit.ExitCode(), want, ts.ReadFile("stderr"))
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("it printed %q", out)
	}
	said := ts.ReadFile("stderr")
	if !strings.HasPrefix(said, "wirelab: ") || strings.Count(said, "\n") != 1 || !strings.HasSuffix(said, "\n") {
		ts.Fatalf("it said %q, not one line that begins with wirelab:", said)
	}
}

// jsonl checks that every line of a file is a JSON object, and that its types
// come in this order, each once or more: jsonl stdout scenario packet summary.
func jsonl(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: jsonl FILE TYPE...")
	}
	var types []string
	for n, line := range strings.Split(strings.TrimSuffix(ts.ReadFile(args[0]), "\n"), "\n") {
		var object struct{ Type string }
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("line %d: %v: %s", n+1, err, line)
		}
		if len(types) == 0 || types[len(types)-1] != object.Type {
			types = append(types, object.Type)
		}
	}
	if got, want := strings.Join(types, " "), strings.Join(args[1:], " "); got != want {
		ts.Fatalf("the types are %s, want %s", got, want)
	}
}
