// Package usage is what the registries of nodes and pods share: how a read is answered, whatever is read.
//
// It stands between the store's numbers and the two REST storages, which say what their objects are called and made of.
// It knows API types but no HTTP, and reading changes nothing.
package usage
