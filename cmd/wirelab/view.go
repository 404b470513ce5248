package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"wirelab/export"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
	"wirelab/tui"
)

// view is what of a trace is shown, and how.
type view struct {
	plain, json bool
	zooms       []string // as they were given
	zoom        []story.Zoom
	packet      string // as it was given
	row         int    // of the packet to lay open; -1: none
	message     string // as it was given
	messageRow  int    // of the message to lay open; -1: none
	save        []string
	vantage     string
	looks       *tui.Options // of the screens
}

func addView(cmd *cobra.Command) *view {
	v := &view{}
	f := cmd.Flags()
	f.BoolVar(&v.plain, "plain", false, "text, one event a line (the default where there is no terminal)")
	f.BoolVar(&v.json, "json", false, "one JSON object a line; docs/json.md describes them")
	f.StringArrayVar(&v.zooms, "zoom", nil, "`what` to look at: calls, messages or packets; several with commas (default all)")
	f.StringVar(&v.packet, "packet", "", "lay packet `n` open: every field, and what it says")
	f.StringVar(&v.message, "open-message", "", "lay message `n` open: every field, what it says, and where it is on the stream")
	f.StringArrayVar(&v.save, "save", nil, "also write a `file`: name.pcapng for Wireshark and wirelab replay, name.svg for slides, name.html for a browser")
	f.StringVar(&v.vantage, "vantage", "client", "`host` at whose card the saved capture is taken, or both (default client)")
	f.Lookup("vantage").DefValue = "" // said above, in the form of the others
	for _, name := range []string{"plain", "json", "zoom", "packet", "open-message", "save", "vantage"} {
		annotate(f.Lookup(name), string(viewGroup))
	}
	complete(cmd, "zoom", "calls", "messages", "packets")
	complete(cmd, "packet")
	complete(cmd, "open-message")
	complete(cmd, "vantage", "client", "server", export.Both)
	completeFiles(cmd, "save", "pcapng", "svg", "html")
	v.looks = addLooks(cmd)
	return v
}

// check says what is wrong with the flags, before anything is run.
func (v *view) check(hosts []string) error {
	if v.plain && v.json {
		return usagef("--plain and --json are two forms of the same; give one of them")
	}
	if err := v.looks.Check(); err != nil {
		return usageError{err}
	}
	if err := v.checkRows(); err != nil {
		return err
	}
	v.zoom = nil
	for _, name := range zoomNames(v.zooms) {
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
	if v.vantage != export.Both && !slices.Contains(hosts, v.vantage) {
		return usagef("--vantage: no host is called %q; there are %s and %s", v.vantage, strings.Join(hosts, ", "), export.Both)
	}
	for _, path := range v.save {
		if _, err := formatOf(path); err != nil {
			return err
		}
	}
	return nil
}

// zoomNames are the words of --zoom, which may be given with commas and again.
func zoomNames(given []string) (names []string) {
	for _, g := range given {
		names = append(names, strings.Split(g, ",")...)
	}
	return names
}

// checkRows reads the numbers of --packet and --open-message.
func (v *view) checkRows() (err error) {
	if v.row, err = v.number("packet", v.packet); err != nil {
		return err
	}
	if v.messageRow, err = v.number("open-message", v.message); err != nil {
		return err
	}
	if v.row >= 0 && v.messageRow >= 0 {
		return usagef("--packet and --open-message each lay one thing open; give one of them")
	}
	return nil
}

// number is the row that a flag names; -1 if it was not given.
func (v *view) number(flag, text string) (row int, err error) {
	if text == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < 1:
		return -1, usagef("--%s: %q cannot be; %ss are counted from 1", flag, text, strings.TrimPrefix(flag, "open-"))
	case v.json:
		return -1, usagef("--%s and --json are two forms of what happened; give one of them", flag)
	}
	return n - 1, nil
}

// run runs s and shows what happened, also if it failed on the way.
func (v *view) run(cmd *cobra.Command, ex scenario.Exchange, s scenario.Scenario) (*trace.Trace, error) {
	tr, err := scenario.Run(cmd.Context(), ex, s)
	if tr == nil {
		return nil, err
	}
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	switch shown := v.show(cmd, tr, ex, &s, err); {
	case err == nil:
		err = shown
	case shown != nil:
		err = fmt.Errorf("%w; and then %w", err, shown)
	}
	return tr, err
}

// screen says whether the run is shown on a screen: nothing else was asked for,
// and there is a terminal.
func (v *view) screen(w io.Writer) bool {
	return !v.plain && !v.json && v.row < 0 && v.messageRow < 0 && len(v.zooms) == 0 && terminal(w)
}

// show shows the views of tr that were asked for. The run failed if failed is
// not nil.
func (v *view) show(cmd *cobra.Command, tr *trace.Trace, ex scenario.Exchange, s *scenario.Scenario, failed error) error {
	w := cmd.OutOrStdout()
	if v.row >= len(tr.Packets) {
		return usagef("--packet: there is no packet %d in this run; it has %d", v.row+1, len(tr.Packets))
	}
	if v.messageRow >= len(tr.Messages) {
		return usagef("--open-message: there is no message %d in this run; it has %d", v.messageRow+1, len(tr.Messages))
	}
	if err := v.saveAll(tr, ex, s); err != nil {
		return err
	}
	if v.screen(w) {
		if shown, err := v.play(cmd.Context(), w, ex, *s, tr, failed); shown || err != nil {
			return err
		}
	}
	events := story.Tell(tr)
	switch {
	case v.json:
		return story.JSON(w, tr, events, v.zoom...)
	case v.row >= 0:
		return story.Open(w, tr, v.row)
	case v.messageRow >= 0:
		return story.OpenMessage(w, tr, v.messageRow)
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
