// Package usage is what is served of a node or a pod, the cell in which it is published, and the one rule that decides for how long
// it is served.
//
// It stands between the store, which publishes, and the registries, which read: a cell lives with the object of the cluster that it
// belongs to, so that neither has to look for it. The package is a leaf: it knows no API types and no HTTP, and reads no clock of its own.
package usage
