// Package usage defines the usage of a node or a pod as it is served, the cell in which it is published, the events of its changes, and the rules
// that decide for how long it is served (staleness.go).
//
// It stands between the store, which publishes, and those that read: the registries read cells, and an [Observer] receives the changes. A cell
// lives with the object of the cluster that it belongs to, so that neither side has to search for it. The package is a leaf: it knows no API types
// and no HTTP, and reads no clock of its own.
package usage
