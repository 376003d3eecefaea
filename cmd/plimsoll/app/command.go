// Package app is the plimsoll command and the wiring of the server.
//
// The command parses and validates the flags, which package options defines, and calls Run. Run builds one ClusterStack for each cluster (the watch
// of its nodes and pods, the Collector of their usage, the store) and has the API server serve all of them.
package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/version"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

// NewCommand returns the plimsoll command, with its subcommand doctor. It calls run with the command's context and valid options, and returns run's error.
func NewCommand(run func(context.Context, *options.Options) error) *cobra.Command {
	opts := options.NewOptions()
	opts.Program = filepath.Base(os.Args[0])
	cmd := &cobra.Command{
		Use: "plimsoll",
		Long: "Plimsoll scrapes the kubelets of a Kubernetes cluster and serves what its nodes and pods use as metrics.k8s.io.\n" +
			"The command doctor finds out why usage is missing: plimsoll doctor --help.",
		// cobra would report the first mistake only, and print the whole help text. parseFlags parses with the same library and reports all.
		DisableFlagParsing: true,
		SilenceUsage:       true,
		Args:               cobra.ArbitraryArgs,
	}
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.AddCommand(newDoctorCommand())
	fss := opts.Flags()
	for _, name := range fss.Order {
		cmd.Flags().AddFlagSet(fss.FlagSets[name])
	}
	cliflag.SetUsageAndHelpFunc(cmd, fss, 0) // whole lines: the text does not depend on the terminal
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		mistakes := parseFlags(cmd.Flags(), args)
		if help, _ := cmd.Flags().GetBool("help"); help {
			return cmd.Help()
		}
		if show, _ := cmd.Flags().GetBool("version"); show {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version.Get().GitVersion)
			return err
		}
		if err := refusal(slices.Concat(mistakes, check(opts))); err != nil {
			return err
		}
		return run(cmd.Context(), opts)
	}
	return cmd
}

// check applies what belongs to the process and returns every mistake in what the flags say.
func check(opts *options.Options) []error {
	var errs []error
	applied := opts.ApplyToProcess()
	if applied != nil {
		errs = append(errs, applied)
	}
	for _, err := range opts.Validate() {
		// The feature gates report a second time what ApplyToProcess reports, without the name of the flag.
		if applied == nil || !strings.Contains(applied.Error(), err.Error()) {
			errs = append(errs, err)
		}
	}
	return errs
}

// refusal joins all mistakes to one error with a line for each; nil where there are none. The error is logged, so it has no credentials: of an argument that
// cannot be read, the libraries repeat all.
func refusal(mistakes []error) error {
	if len(mistakes) == 0 {
		return nil
	}
	var lines []string
	for _, mistake := range mistakes {
		line := credentials.ReplaceAllString(mistake.Error(), "://REDACTED@")
		if !strings.HasPrefix(line, "--sink ") && !strings.HasPrefix(line, "--source ") { // These are about values that could be read.
			line = secrets.ReplaceAllString(line, "${1}REDACTED")
		}
		lines = append(lines, line)
	}
	return fmt.Errorf("the command line cannot be used:\n%s\nsee plimsoll --help", strings.Join(lines, "\n"))
}

// credentials match what may be the user and the password of a URL: up to the last @ of a quoted value, or else of the line.
var credentials = regexp.MustCompile(`://(?:[^"\\\n]|\\.)*@|://.*@`)

// secrets match what may be the value of an option that is a secret, in an argument that could not be read as --sink: up to the end of a quoted value, or else
// of the line.
var secrets = regexp.MustCompile(`([?&](?:pw|token|headers)=)(?:[^"\\\n]|\\.)*`)
