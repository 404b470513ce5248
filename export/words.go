package export

import (
	"fmt"
	"strconv"
	"strings"

	"wirelab/trace"
)

// group writes a number for people: 4,380.
func group(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// lastClause cuts a text before its last "; ".
func lastClause(text string) (before, last string) {
	if at := strings.LastIndex(text, "; "); at >= 0 {
		return text[:at], text[at:]
	}
	return text, ""
}

// plural counts things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return group(n) + " " + many
}

// firstClause is a text up to its first ", ", ": " or "; ".
func firstClause(text string) string {
	for i := range text[:max(len(text)-1, 0)] {
		if text[i+1] == ' ' && strings.IndexByte(",:;", text[i]) >= 0 {
			return text[:i]
		}
	}
	return text
}

// numbered says of which connection a text is, where there are several.
func numbered(tr *trace.Trace, conn int32, text string) string {
	if len(tr.Conns) > 1 && conn >= 0 {
		return fmt.Sprintf("#%d %s", conn+1, text)
	}
	return text
}
