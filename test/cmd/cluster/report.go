package main

import (
	"github.com/spf13/cobra"

	"github.com/plimsoll/plimsoll/test/framework/report"
)

func reportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "report FOLDER DOCUMENT", Short: "Write the rows that tests left in a folder into the tables of a document", Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return report.Update(args[1], args[0]) },
	}
}
