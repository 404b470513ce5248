package keys

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/KEYS.md anew")

// docs/KEYS.md is the table for readers.
func TestKeysAreDocumented(t *testing.T) {
	const path = "../../docs/KEYS.md"
	var b strings.Builder
	b.WriteString("# Keys\n\nThe same keys mean the same on every screen. `?` shows those that the screen knows, and why one cannot work now.\n" +
		"Made from the table in `tui/keys` (`go test ./tui/keys -update`).\n")
	group := Group("")
	for i := 0; i < len(table); i++ {
		k := &table[i]
		if k.Group != group {
			group = k.Group
			fmt.Fprintf(&b, "\n## %s%s\n\n| keys | |\n|---|---|\n", strings.ToUpper(string(group[:1])), group[1:])
		}
		// Keys that do the same, or the opposite, share a line.
		names := slices.Clone(k.Names)
		for i+1 < len(table) && table[i+1].Does == k.Does {
			i++
			names = append(names, table[i].Names...)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(names, "` `"), k.Does)
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("docs/KEYS.md is not what the table says; go test ./tui/keys -update")
	}
}
