package web

import (
	"strconv"
	"time"
)

// Took writes how long something took for a note: "40.226 ms", "2.397 s".
func Took(d time.Duration) string {
	unit, name := time.Millisecond, " ms"
	if d >= time.Second {
		unit, name = time.Second, " s"
	}
	return strconv.FormatFloat(float64(d)/float64(unit), 'f', 3, 64) + name
}
