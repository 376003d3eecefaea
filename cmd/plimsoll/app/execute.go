package app

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

// plugin is the name by which kubectl finds a plugin of the name plimsoll.
const plugin = "kubectl-plimsoll"

// CommandFor returns the command that a program is by its name: the plugin of kubectl, or else the server with its subcommand doctor.
func CommandFor(program string, run func(context.Context, *options.Options) error) *cobra.Command {
	if strings.TrimSuffix(filepath.Base(program), ".exe") != plugin {
		return NewCommand(run)
	}
	cmd := &cobra.Command{
		Use: plugin, Short: "Tools for Plimsoll, which serves metrics.k8s.io",
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl plimsoll"},
	}
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.AddCommand(newDoctorCommand())
	return cmd
}

// Execute runs a command with the arguments of the process, and returns the exit code.
func Execute(cmd *cobra.Command, args []string) int {
	cmd.SetArgs(args)
	if found, _, err := cmd.Find(args); cmd.Name() == plugin || err == nil && found != cmd {
		return exit(cli.RunNoErrOutput(cmd), cmd.ErrOrStderr())
	}
	return cli.Run(cmd)
}
