package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"wirelab/export"
	"wirelab/packets"
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
	number      int    // of the packet to lay open; 0: none
	save        []string
	vantage     string
	width       int
	looks       *tui.Options // of the screens
	clock       string       // that it runs on
}

// The clocks.
const (
	virtualClock = "virtual"
	realClock    = "real"
)

func addView(cmd *cobra.Command) *view {
	v := &view{clock: virtualClock}
	f := cmd.Flags()
	f.BoolVar(&v.plain, "plain", false, "text, one event a line (the default where there is no terminal)")
	f.BoolVar(&v.json, "json", false, "one JSON object a line; docs/json.md describes them")
	f.StringArrayVar(&v.zooms, "zoom", nil, "`what` to look at: calls, messages or packets; several with commas (default all)")
	f.StringVar(&v.packet, "packet", "", "lay packet `n` open: every field, and what it says")
	f.StringArrayVar(&v.save, "save", nil, "also write a `file`: name.pcapng for Wireshark and wirelab replay, name.svg for slides, name.html for a browser")
	f.StringVar(&v.vantage, "vantage", "client", "`host` at whose card the saved capture is taken, or both (default client)")
	f.Lookup("vantage").DefValue = "" // said above, in the form of the others
	f.IntVar(&v.width, "width", 0, "break the text's lines at so many `columns` (default the terminal's; 0 in a file or pipe)")
	for _, name := range []string{"plain", "json", "zoom", "packet", "save", "vantage", "width"} {
		annotate(f.Lookup(name), string(viewGroup))
	}
	complete(cmd, "zoom", "calls", "messages", "packets")
	complete(cmd, "packet")
	complete(cmd, "width")
	complete(cmd, "vantage", "client", "server", export.Both)
	completeFiles(cmd, "save", "pcapng", "svg", "html")
	v.looks = addLooks(cmd)
	return v
}

// addClock adds the choice of the clock, which is not a word of a Scenario: what
// one says is the same each time, and on the real clock nothing is.
func (v *view) addClock(cmd *cobra.Command) {
	cmd.Flags().StringVar(&v.clock, "clock", virtualClock, "`clock` to run on: virtual, or real, where time passes (default virtual)")
	cmd.Flags().Lookup("clock").DefValue = "" // said above, in the form of the others
	annotate(cmd.Flags().Lookup("clock"), string(scenario.RunGroup))
	complete(cmd, "clock", virtualClock, realClock)
}

// check says what is wrong with the flags, before anything is run.
func (v *view) check(hosts []string) error {
	if v.plain && v.json {
		return usagef("--plain and --json are two forms of the same; give one of them")
	}
	if err := v.looks.Check(); err != nil {
		return usageError{err}
	}
	if v.clock != virtualClock && v.clock != realClock {
		return usagef("--clock: %q is not known; there are %s and %s", v.clock, virtualClock, realClock)
	}
	if err := v.checkPacket(); err != nil {
		return err
	}
	if v.width < 0 {
		return usagef("--width: %d columns cannot be; 80 is usual, and 0 breaks no line", v.width)
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

// checkPacket reads the number of --packet.
func (v *view) checkPacket() error {
	v.number = 0
	if v.packet == "" {
		return nil
	}
	n, err := strconv.Atoi(v.packet)
	if err != nil || n < 1 {
		return usagef("--packet: %q cannot be; packets are counted from 1", v.packet)
	}
	if v.json {
		return usagef("--packet and --json are two forms of what happened; give one of them")
	}
	v.number = n
	return nil
}

// run runs s and shows what happened, also if it failed on the way.
func (v *view) run(cmd *cobra.Command, ex scenario.Exchange, s scenario.Scenario) (*trace.Trace, error) {
	run := scenario.Run
	if v.clock == realClock {
		run = scenario.RunReal
	}
	tr, err := run(cmd.Context(), ex, s)
	if tr == nil {
		return nil, err
	}
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	shown := v.show(cmd, tr, ex, &s, err)
	if shown == nil && v.clock == realClock {
		for _, path := range v.save {
			fmt.Fprintf(cmd.ErrOrStderr(), "wirelab: %s is for Wireshark only: a run on the real clock cannot be replayed\n", oneLine(path))
		}
	}
	switch {
	case err == nil:
		err = shown
	case shown != nil:
		err = fmt.Errorf("%w; and then %w", err, shown)
	}
	return tr, err
}

// columns is where the text's lines are broken: where it was said, or at the
// terminal's edge.
func (v *view) columns(w io.Writer) int {
	if v.width == 0 {
		if f, ok := w.(*os.File); ok {
			return tui.Columns(f)
		}
	}
	return v.width
}

// broken is a text in lines, those behind the first one indented.
func (v *view) broken(w io.Writer, text string) string {
	const indent = "    "
	if columns := v.columns(w); columns > len(indent) {
		return strings.Join(packets.Wrap(text, columns-len(indent)), "\n"+indent)
	}
	return text
}

// screen says whether the run is shown on a screen: nothing else was asked for,
// and there is a terminal.
func (v *view) screen(w io.Writer) bool {
	return !v.plain && !v.json && v.number == 0 && len(v.zooms) == 0 && terminal(w)
}

// show shows the views of tr that were asked for. The run failed if failed is
// not nil.
func (v *view) show(cmd *cobra.Command, tr *trace.Trace, ex scenario.Exchange, s *scenario.Scenario, failed error) error {
	w := cmd.OutOrStdout()
	row, ok := tr.Row(v.number)
	switch last := tr.Number(len(tr.Packets) - 1); {
	case v.number == 0 || ok:
	case v.number > last:
		return usagef("--packet: there is no packet %d in this run; it has %d", v.number, last)
	default:
		return usagef("--packet: packet %d is not there any more; of this run packets %d to %d are kept", v.number, tr.Number(0), last)
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
	case v.number > 0:
		return story.Open(w, tr, row)
	}
	command := s.Command(ex)
	if v.clock == realClock {
		command += " --clock " + realClock
	}
	fmt.Fprintf(w, "%s\n%s\n", command, story.Heading(tr))
	if err := story.Plain(w, tr, events, v.columns(w), v.zoom...); err != nil {
		return err
	}
	for i, line := range story.Waiting(tr) {
		if i == 0 {
			fmt.Fprintf(w, "\nstill there when the run ended\n")
		}
		fmt.Fprintf(w, "  %s\n", v.broken(w, line))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", v.broken(w, story.Summarise(tr).String()))
	if overshoot := story.Overshoot(tr); overshoot != "" && err == nil {
		_, err = fmt.Fprintln(w, v.broken(w, overshoot))
	}
	return err
}
