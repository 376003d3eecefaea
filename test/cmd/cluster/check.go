package main

import (
	"github.com/spf13/cobra"

	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Check whether a real node can run on this machine, and how to install what is missing", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return realnode.Check() },
	}
}
