package trace

import "slices"

// A table is the rows of a growing trace, in pages, so that a reader can be
// handed what there is without a copy of it: freeze gives away the pages as they
// are, and what changes afterwards is changed in a copy of its page
// (copy-on-write). The oldest rows can be dropped; a row keeps its number.
type table[T any] struct {
	frozen[T]
	epoch uint64 // of the pages that no reader has yet
}

const pageRows = 256

type page[T any] struct {
	epoch uint64
	rows  [pageRows]T
}

// frozen is the pages of a table as they were at some moment: rows first to
// n-1 of them.
type frozen[T any] struct {
	pages []*page[T]
	base  int // how many pages were dropped before the first of these
	first int // the oldest row that is kept
	n     int // rows ever added
}

// len is how many rows are kept.
func (f *frozen[T]) len() int { return f.n - f.first }

// get returns a row that is kept, to be read only.
func (f *frozen[T]) get(row int) *T { return &f.pages[row/pageRows-f.base].rows[row%pageRows] }

// from copies the rows from one that is kept on.
func (f *frozen[T]) from(row int) []T {
	rows := make([]T, 0, f.n-row)
	for row < f.n {
		p := &f.pages[row/pageRows-f.base].rows
		end := min(pageRows, row%pageRows+f.n-row)
		rows = append(rows, p[row%pageRows:end]...)
		row += end - row%pageRows
	}
	return rows
}

// add appends a row and returns its number. No reader of an earlier state looks
// at the place where it goes, so its page need not be copied.
func (t *table[T]) add(v T) int {
	row := t.n
	if row/pageRows-t.base == len(t.pages) {
		t.pages = append(t.pages, &page[T]{epoch: t.epoch})
	}
	t.n++
	*t.get(row) = v
	return row
}

// change returns a row that may be written to until the next freeze, or nil if
// it was dropped.
func (t *table[T]) change(row int) *T {
	if row < t.first {
		return nil
	}
	p := &t.pages[row/pageRows-t.base]
	if (*p).epoch != t.epoch {
		c := **p
		c.epoch = t.epoch
		*p = &c
	}
	return &(*p).rows[row%pageRows]
}

// drop forgets the oldest row.
func (t *table[T]) drop() {
	t.first++
	if t.first/pageRows > t.base {
		t.pages[0] = nil
		t.pages = t.pages[1:]
		t.base++
	}
}

// freeze returns the table as it is now.
func (t *table[T]) freeze() frozen[T] {
	t.epoch++
	f := t.frozen
	f.pages = slices.Clone(f.pages)
	return f
}
