// Command plimsoll serves metrics.k8s.io from the numbers of the kubelets.
package main

import (
	"os"

	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/cli"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app"
)

func main() {
	cmd := app.NewCommand(app.Run)
	cmd.SetContext(genericapiserver.SetupSignalContext())
	os.Exit(cli.Run(cmd))
}
