package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wirelab/export"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
)

// view is what of a trace is shown, and how.
type view struct {
	plain, json bool
	zooms       []string
	packet      int
	save        []string
	vantage     string
	zoom        []story.Zoom
}

func addView(cmd *cobra.Command) *view {
	v := &view{}
	f := cmd.Flags()
	f.BoolVar(&v.plain, "plain", false, "text, one event a line (the default where there is no terminal)")
	f.BoolVar(&v.json, "json", false, "one JSON object a line; docs/json.md describes them")
	f.StringSliceVar(&v.zooms, "zoom", nil, "calls, messages or packets; several with commas (default all)")
	f.IntVar(&v.packet, "packet", 0, "lay this packet open: every field, and what it says")
	f.StringArrayVar(&v.save, "save", nil, "also write the packets to FILE.pcapng, for Wireshark and wirelab replay")
	f.StringVar(&v.vantage, "vantage", "client", "at whose card the saved capture is taken: a host's name, or both")
	for _, name := range []string{"plain", "json", "zoom", "packet", "save", "vantage"} {
		annotate(f.Lookup(name), string(viewGroup))
	}
	complete(cmd, "zoom", "calls", "messages", "packets")
	complete(cmd, "vantage", "client", "server", export.Both)
	return v
}

// check says what is wrong with the flags, before anything is run.
func (v *view) check(hosts []string) error {
	if v.plain && v.json {
		return usagef("--plain and --json are two forms of the same; give one of them")
	}
	v.zoom = nil
	for _, name := range v.zooms {
		i := slices.IndexFunc(story.Zooms(), func(z story.Zoom) bool { return z.String() == name })
		if i < 0 {
			return usagef("--zoom: %q is not known; there are calls, messages and packets", name)
		}
		if z := story.Zooms()[i]; !slices.Contains(v.zoom, z) {
			v.zoom = append(v.zoom, z)
		}
	}
	if len(v.zoom) == 0 {
		v.zoom = story.Zooms()
	}
	if v.packet < 0 {
		return usagef("--packet: %d cannot be; packets are counted from 1", v.packet)
	}
	if v.vantage != export.Both && !slices.Contains(hosts, v.vantage) {
		return usagef("--vantage: no host is called %q; there are %s and %s", v.vantage, strings.Join(hosts, ", "), export.Both)
	}
	for _, path := range v.save {
		if filepath.Ext(path) != ".pcapng" {
			return usagef("--save: wirelab writes .pcapng files, and %q is not named like one", path)
		}
	}
	return nil
}

// run runs s and shows what happened, also if it failed on the way.
func (v *view) run(cmd *cobra.Command, ex scenario.Exchange, s scenario.Scenario) error {
	tr, err := scenario.Run(cmd.Context(), ex, s)
	if tr == nil {
		return err
	}
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	if shown := v.show(cmd.OutOrStdout(), tr, ex, &s); shown != nil {
		return shown
	}
	return err
}

// show writes the views of tr that were asked for.
func (v *view) show(w io.Writer, tr *trace.Trace, ex scenario.Exchange, s *scenario.Scenario) error {
	if v.packet > len(tr.Packets) {
		return usagef("--packet: there is no packet %d in this run; it has %d", v.packet, len(tr.Packets))
	}
	events := story.Tell(tr)
	for _, path := range v.save {
		if err := save(path, func(w io.Writer) error { return export.Pcapng(w, tr, events, v.vantage) }); err != nil {
			return err
		}
	}
	switch {
	case v.json:
		return story.JSON(w, tr, events, v.zoom...)
	case v.packet > 0:
		return story.Open(w, tr, v.packet-1)
	}
	fmt.Fprintf(w, "%s\n%s\n", s.Command(ex), story.Heading(tr))
	if err := story.Plain(w, tr, events, v.zoom...); err != nil {
		return err
	}
	for i, line := range story.Waiting(tr) {
		if i == 0 {
			fmt.Fprintf(w, "\nstill there when the run ended\n")
		}
		fmt.Fprintf(w, "  %s\n", line)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", story.Summarise(tr))
	return err
}

// save writes a file whole or not at all.
func save(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
			err = fmt.Errorf("save %s: %w", path, err)
		}
	}()
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
