package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every command that docs/STACK.md names as showing something can be run.
func TestTheCommandsOfTheStackPageRun(t *testing.T) {
	page, err := os.ReadFile("../../docs/STACK.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("`(wirelab [^`]+)`").FindAllSubmatch(page, -1)
	if len(commands) < 15 {
		t.Fatalf("the page names only %d commands", len(commands))
	}
	for _, m := range commands {
		line := string(m[1])
		var out, diagnostics bytes.Buffer
		status := run(context.Background(), strings.Fields(line)[1:], &out, &diagnostics)
		if status == exitUsage || out.Len() == 0 {
			t.Errorf("%s: status %d, %s", line, status, diagnostics.String())
		}
	}
}
