// Package generic is what the registries of nodes and pods share: Get, List and tables, for any kind of object.
//
// It stands between published usage and the two REST storages, which describe their objects. It knows API types but no HTTP, and reading
// changes nothing.
package generic
