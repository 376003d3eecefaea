// Package generic is what the registries of nodes and pods share: Get, List and tables, for any kind of object.
//
// It stands between the store's numbers and the two REST storages, which say what their objects are called and made of.
// It knows API types but no HTTP, and reading changes nothing.
package generic
