// Package app is the plimsoll command: it parses the flags, refuses what makes no sense, and hands the rest to the server.
//
// It stands at the head of the data flow. The options know the flags; everything that runs is started by what NewCommand is given.
package app

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
	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/version"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

// NewCommand returns the plimsoll command. It calls run with the command's context and valid options, and returns run's error.
func NewCommand(run func(context.Context, *options.Options) error) *cobra.Command {
	opts := options.NewOptions()
	opts.Program = filepath.Base(os.Args[0])
	cmd := &cobra.Command{
		Use:  "plimsoll",
		Long: "Plimsoll scrapes the kubelets of a Kubernetes cluster and serves what its nodes and pods use as metrics.k8s.io.",
		// The library would stop at the first mistake and print the whole help text.
		DisableFlagParsing: true,
		SilenceUsage:       true,
		Args:               cobra.ArbitraryArgs,
	}
	fss := opts.Flags()
	addFlags(cmd.Flags(), fss)
	cliflag.SetUsageAndHelpFunc(cmd, fss, 0) // whole lines: the text does not depend on the terminal
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		mistakes := parse(cmd.Flags(), trialFlags(), args)
		switch {
		case isSet(cmd, "help"):
			return cmd.Help()
		case isSet(cmd, "version"):
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

func addFlags(to *pflag.FlagSet, fss cliflag.NamedFlagSets) {
	for _, name := range fss.Order {
		to.AddFlagSet(fss.FlagSets[name])
	}
}

// trialFlags are the command's flags with options of their own.
func trialFlags() *pflag.FlagSet {
	fs := pflag.NewFlagSet("trial", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	addFlags(fs, options.NewOptions().Flags())
	return fs
}

func isSet(cmd *cobra.Command, flag string) bool {
	set, err := cmd.Flags().GetBool(flag)
	return err == nil && set
}

// check applies what belongs to the process and returns every mistake in what the flags say.
func check(opts *options.Options) []error {
	var errs []error
	applied := opts.ApplyToProcess()
	if applied != nil {
		errs = append(errs, applied)
	}
	for _, err := range opts.Validate() {
		// The gates repeat what they could not be set to, without naming the flag.
		if applied == nil || !strings.Contains(applied.Error(), err.Error()) {
			errs = append(errs, err)
		}
	}
	return errs
}

// refusal is all mistakes as one error, a line each; nil where there are none.
func refusal(mistakes []error) error {
	if len(mistakes) == 0 {
		return nil
	}
	return fmt.Errorf("the command line cannot be used:\n%w\nsee plimsoll --help", errors.Join(mistakes...))
}
