package main

import (
	"io"

	"github.com/spf13/cobra"

	"wirelab/scenario"
)

// shells are those for which completion scripts can be written.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// completionCommand writes the script with which a shell completes commands,
// flags and their values.
func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Let the shell complete commands, flags and their values",
		Long: `Write the script with which bash, zsh, fish or powershell completes commands,
flags and their values. Load it where your shell starts; what is written below
does it for the running one.`,
		Example: `  source <(wirelab completion bash)       needs the package bash-completion
  source <(wirelab completion zsh)        needs: autoload -U compinit; compinit
  wirelab completion fish | source
  wirelab completion powershell | Out-String | Invoke-Expression`,
		GroupID:           shellGroup,
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("completion takes the name of one shell: bash, zsh, fish or powershell")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeCompletion(cmd.OutOrStdout(), cmd.Root(), args[0])
		},
	}
}

func writeCompletion(w io.Writer, root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(w, true)
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(w)
	}
	return usagef("completion: no script for %q%s; there are bash, zsh, fish and powershell", shell, scenario.DidYouMean(shell, shells))
}
