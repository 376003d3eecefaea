// Command check tells whether a real node can run on this machine. It exits with 1 where it cannot, after saying what is
// missing and how to install it.
package main

import (
	"fmt"
	"os"

	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

func main() {
	if err := realnode.Check(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
