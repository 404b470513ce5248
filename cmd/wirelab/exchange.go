package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirelab/scenario"
)

// exchangeCommand runs one exchange: its flags are the words of a Scenario.
func exchangeCommand(ex scenario.Exchange) *cobra.Command {
	cmd := &cobra.Command{
		Use:     ex.Name(),
		Aliases: ex.Aliases(),
		Short:   ex.Short(),
		Long:    ex.Long(),
		Example: ex.Examples(),
		GroupID: exchangeGroup,
		Args:    noArgs,
	}
	words := addWords(cmd, ex)
	v := addView(cmd)
	only := cmd.Flags().Bool("print", false, "do not run: write the Scenario, for wirelab run")
	annotate(cmd.Flags().Lookup("print"), string(scenario.RunGroup))
	v.addClock(cmd)
	groupUsage(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case *only && len(v.save) > 0:
			return usagef("--print runs nothing, so --save has nothing to write")
		case *only && v.packet != "":
			return usagef("--print runs nothing, so --packet has nothing to show")
		case *only && v.clock == realClock:
			return usagef("--print writes a Scenario, which says nothing of the clock; leave --clock out, or give it to wirelab run")
		}
		s := scenario.Default(ex)
		if err := words.apply(&s); err != nil {
			return err
		}
		if err := s.Validate(ex); errors.As(err, new(scenario.InputError)) {
			return err
		} else if err != nil {
			return usageError{err}
		}
		if err := v.check(ex.Network(&s).Names()); err != nil {
			return err
		}
		if *only {
			_, err := fmt.Fprint(cmd.OutOrStdout(), s.Text(ex))
			return err
		}
		_, err := v.run(cmd, ex, s)
		return err
	}
	return cmd
}

// wordFlags are the flags of a Scenario's words. Their values are kept and set
// at the end in the order of the words, so that the order on the command line
// does not matter.
type wordFlags struct {
	words  []scenario.Word
	values []*wordValue
}

// wordValue is the value of one flag: a pflag.Value.
type wordValue struct {
	kind  string
	texts []string
}

func (v *wordValue) String() string { return "" }
func (v *wordValue) Type() string   { return v.kind }
func (v *wordValue) Set(text string) error {
	v.texts = append(v.texts, text)
	return nil
}

// groupOf notes in which part of the help a flag stands.
const groupOf = "wirelab_group"

func addWords(cmd *cobra.Command, ex scenario.Exchange) *wordFlags {
	f := &wordFlags{words: scenario.Words(ex)}
	defaults := scenario.Default(ex)
	for _, w := range f.words {
		v := &wordValue{kind: w.Value}
		f.values = append(f.values, v)
		flag := cmd.Flags().VarPF(v, w.Name, w.Letter, w.Help)
		if w.Value == "" {
			flag.NoOptDefVal = "true"
			v.kind = "bool"
		}
		if d, ok := w.Get(&defaults); ok && !strings.Contains(w.Help, "(default") && w.Value != "" {
			flag.Usage += fmt.Sprintf(" (default %s)", d)
		}
		flag.Hidden = w.Hidden
		annotate(flag, string(w.Group))
		if w.Value != "" && w.Value != scenario.File.Value {
			complete(cmd, w.Name, w.Choices()...)
		}
	}
	return f
}

func annotate(flag *pflag.Flag, group string) {
	flag.Annotations = map[string][]string{groupOf: {group}}
}

// complete offers words, and no files, for the shell's completion of a flag.
func complete(cmd *cobra.Command, flag string, words ...string) {
	// It fails only if the flag does not exist or is registered twice: both
	// would be mistakes of this package, which its tests would show.
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

// completeFiles offers the files whose names end in one of these.
func completeFiles(cmd *cobra.Command, flag string, endings ...string) {
	if err := cmd.MarkFlagFilename(flag, endings...); err != nil {
		panic(err) // as in complete
	}
}

// apply sets the words that were given.
func (f *wordFlags) apply(s *scenario.Scenario) error {
	for i, v := range f.values {
		for _, text := range v.texts {
			if err := f.words[i].Set(s, text); err != nil {
				return usagef("--%w", err)
			}
		}
	}
	return f.story(s)
}

// story says which flag has nothing to do because the steps of a story take the
// place of the programs that it is for.
func (f *wordFlags) story(s *scenario.Scenario) error {
	if len(s.Steps) == 0 {
		return nil
	}
	for i, v := range f.values {
		w := &f.words[i]
		if len(v.texts) > 0 && w.Group == scenario.ProgramGroup && w.Name != "step" && w.Name != "hops" {
			return usagef("--%s is for the exchange's own programs, and --step takes their place; leave one of them out", w.Name)
		}
	}
	return nil
}
