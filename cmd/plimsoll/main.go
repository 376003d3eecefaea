// Command plimsoll serves what the kubelets report of nodes and pods as metrics.k8s.io.
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
