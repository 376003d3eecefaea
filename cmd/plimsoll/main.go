// Command plimsoll serves what the kubelets report of nodes and pods as metrics.k8s.io. Under the name kubectl-plimsoll it is a plugin of kubectl.
package main

import (
	"os"

	genericapiserver "k8s.io/apiserver/pkg/server"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app"
)

func main() {
	cmd := app.CommandFor(os.Args[0], app.Run)
	cmd.SetContext(genericapiserver.SetupSignalContext())
	os.Exit(app.Execute(cmd, os.Args[1:]))
}
