package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wirelab/osi"
)

// osiCommand shows the two models.
func osiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "osi [LAYER]",
		Short: "The OSI and TCP/IP models, side by side",
		Long: `Show the seven OSI layers and the four of TCP/IP side by side, or one layer by
its number, its name, its unit, or a protocol that lives there.`,
		Example: `  wirelab osi
  wirelab osi 4
  wirelab osi internet
  wirelab osi tcp`,
		GroupID: wordsGroup,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("osi takes one layer, not %d; see wirelab osi --help", len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions(layerNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return bothModels(cmd.OutOrStdout())
			}
			found, err := osi.Lookup(args[0])
			if err != nil {
				return usageError{err}
			}
			return foundLayers(cmd.OutOrStdout(), found)
		},
	}
}

func layerNames() []string {
	var names []string
	for _, m := range []osi.Model{osi.OSI, osi.TCPIP} {
		for _, l := range m.Layers() {
			if !slices.Contains(names, l.Name) {
				names = append(names, l.Name)
			}
		}
	}
	return names
}

// bothModels is the table of both, highest layer first as it is always drawn.
func bothModels(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "OSI               TCP/IP        handles\n")
	layers := osi.OSI.Layers()
	for i := len(layers) - 1; i >= 0; i-- {
		l := layers[i]
		var across []string
		for _, o := range l.Across() {
			across = append(across, o.Name)
		}
		fmt.Fprintf(&b, "%d %-15s %-13s %s\n", l.Number, l.Name, strings.Join(across, ", "), l.Unit)
		fmt.Fprintf(&b, "%s\n", wrap("                  adds ", l.Adds))
	}
	fmt.Fprintf(&b, "\nWhich of the seven stay empty in a plain TCP exchange\n")
	for _, g := range osi.Gaps() {
		fmt.Fprintf(&b, "%s\n", wrap(fmt.Sprintf("  %d %s: ", g.Layer.Number, g.Layer.Name), g.Why))
	}
	fmt.Fprintf(&b, "\nWhere the protocols stand\n")
	for _, p := range osi.Placements() {
		fmt.Fprintf(&b, "  %-12s OSI %-6s TCP/IP %s\n", p.Name, numbers(p.OSI), p.Layers(osi.TCPIP)[0].Name)
	}
	fmt.Fprintf(&b, "\nwirelab osi LAYER tells more of one: a number, a name, or a protocol.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func numbers(ns []int) string {
	var s []string
	for _, n := range ns {
		s = append(s, fmt.Sprint(n))
	}
	return strings.Join(s, ",")
}

// foundLayers tells of the layers and the protocol that a word stands for.
func foundLayers(w io.Writer, f osi.Found) error {
	var b strings.Builder
	if p := f.Protocol; p.Name != "" {
		fmt.Fprintf(&b, "%s: OSI layer %s, TCP/IP %s\n", p.Name, numbers(p.OSI), p.Layers(osi.TCPIP)[0].Name)
		if p.Note != "" {
			fmt.Fprintf(&b, "%s\n", wrap("  ", p.Note))
		}
		b.WriteByte('\n')
	}
	for i, l := range f.Layers {
		if i > 0 {
			b.WriteByte('\n')
		}
		var across []string
		for _, o := range l.Across() {
			across = append(across, o.Name)
		}
		fmt.Fprintf(&b, "%s layer %d, %s\n", l.Model, l.Number, l.Name)
		for _, row := range [][2]string{
			{"question", l.Question}, {"handles", l.Unit}, {"adds", l.Adds}, {"done by", l.Who},
			{"protocols", strings.Join(l.Protocols, ", ")}, {"across", strings.Join(across, ", ")}, {"source", l.Source},
		} {
			if row[1] != "" {
				fmt.Fprintf(&b, "%s\n", wrap(fmt.Sprintf("  %-10s ", row[0]), row[1]))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wrap breaks text into lines of at most width columns, the first behind lead and
// the others indented as far.
func wrap(lead, text string) string {
	var b strings.Builder
	b.WriteString(lead)
	col := len(lead)
	for i, word := range strings.Fields(text) {
		if i > 0 && col+1+len(word) > width {
			b.WriteString("\n" + strings.Repeat(" ", len(lead)))
			col = len(lead)
		} else if i > 0 {
			b.WriteByte(' ')
			col++
		}
		b.WriteString(word)
		col += len(word)
	}
	return b.String()
}
