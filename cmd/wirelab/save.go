package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"wirelab/export"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
)

// A format is a kind of file that --save writes, chosen by the file's name.
type format struct {
	ending string
	write  func(w io.Writer, tr *trace.Trace, v *view, about export.About) error
}

// formats are all of them.
func formats() []format {
	return []format{
		{".pcapng", func(w io.Writer, tr *trace.Trace, v *view, _ export.About) error {
			return export.Pcapng(w, tr, story.Tell(tr), v.vantage)
		}},
		{".svg", func(w io.Writer, tr *trace.Trace, _ *view, about export.About) error {
			return export.SVG(w, story.NewTeller(tr), about)
		}},
		{".html", func(w io.Writer, tr *trace.Trace, _ *view, about export.About) error {
			return export.HTML(w, story.NewTeller(tr), about)
		}},
	}
}

// formatOf is the format of a file of that name.
func formatOf(path string) (format, error) {
	for _, f := range formats() {
		if filepath.Ext(path) == f.ending {
			return f, nil
		}
	}
	return format{}, usagef("--save: wirelab writes .pcapng, .svg and .html files, and %q is not named like one", path)
}

// schemeOf says in which colours a picture of that name is: slides.dark.svg is
// dark, whatever who looks at it has chosen.
func schemeOf(path string) export.Scheme {
	switch name := strings.TrimSuffix(path, filepath.Ext(path)); filepath.Ext(name) {
	case ".light":
		return export.Light
	case ".dark":
		return export.Dark
	}
	return export.Reader
}

// saveAll writes the files that were asked for.
func (v *view) saveAll(tr *trace.Trace, ex scenario.Exchange, s *scenario.Scenario) error {
	for _, path := range v.save {
		f, err := formatOf(path)
		if err != nil {
			return err
		}
		about := export.About{Command: s.Command(ex), Wire: s.Wire(ex), Scheme: schemeOf(path)}
		if err := save(path, func(w io.Writer) error { return f.write(w, tr, v, about) }); err != nil {
			return err
		}
	}
	return nil
}

// save writes a file whole or not at all.
func save(path string, write func(io.Writer) error) (err error) {
	part := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), os.Getpid()))
	defer func() {
		if err != nil {
			err = fmt.Errorf("save %s: %w", path, withoutPath(err))
		}
	}()
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(part)
		}
	}()
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// withoutPath is what went wrong with a file, without the name of the file: it
// was written under another one.
func withoutPath(err error) error {
	if e := (*os.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	if e := (*os.LinkError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
