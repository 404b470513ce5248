//go:build race

package wire

// raceEnabled says that the race detector runs, which slows everything down
// tenfold: what is done often is then done a tenth as often.
const raceEnabled = true
