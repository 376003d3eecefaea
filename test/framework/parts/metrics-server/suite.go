// Package suite has no code. Its imports keep in this module what only metrics-server's own end-to-end tests need: go mod tidy does not
// read the tests of other modules.
package suite

import (
	_ "k8s.io/client-go/tools/portforward" // the tests reach the server's pod through it
)
