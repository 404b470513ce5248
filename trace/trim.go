package trace

import "slices"

// Trim gives back the room into which the tables of a trace that is complete
// would have grown: up to a fifth of them.
func (t *Trace) Trim() {
	t.Packets = trimmed(t.Packets)
	t.Samples = trimmed(t.Samples)
}

// trimmed is rows, moved if that gives back enough to be worth it.
func trimmed[Row any](rows []Row) []Row {
	if cap(rows)-len(rows) <= len(rows)/16 {
		return rows
	}
	return slices.Clone(rows)
}
