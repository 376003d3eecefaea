// Package generic is the storage that the resources nodes and pods share: Get, List and tables, for any kind of object.
//
// It stands between published usage and the API server. The packages nodemetrics and podmetrics describe their objects to [REST], which
// implements the storage once for both. The package knows API types but no HTTP, and reading changes nothing.
//
// A watch belongs here, as a method of [REST] (Watcher of k8s.io/apiserver/pkg/registry/rest): the changes come from a [usage.Observer],
// the selectors from newSelection, and each object that is sent is an [Item].
package generic
