package export

import (
	"bytes"
	"testing"

	"wirelab/story"
	"wirelab/trace"
)

// webPage is the HTML of a trace.
func webPage(t testing.TB, tr *trace.Trace, about About) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, tr, story.Tell(tr), about); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
