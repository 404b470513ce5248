package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// The captures in testdata were made by an earlier build; this one must still
// make the same packets at the same nanoseconds.
func TestSavedCapturesStillReplay(t *testing.T) {
	files, err := filepath.Glob("../../testdata/*.pcapng")
	if err != nil || len(files) < 4 {
		t.Fatalf("there are %d captures, %v", len(files), err)
	}
	for _, f := range files {
		var out, diagnostics bytes.Buffer
		status := run(context.Background(), []string{"replay", f, "--zoom", "messages"}, &out, &diagnostics)
		if status != exitDone || !strings.Contains(diagnostics.String(), "byte for byte and nanosecond for nanosecond") {
			t.Errorf("%s: status %d, %s", f, status, diagnostics.String())
		}
	}
}
