// Package generic is the storage that the resources nodes and pods share: Get, List and tables, for any kind of object.
//
// It stands between published usage and the API server. The packages nodemetrics and podmetrics describe their objects to [REST], which
// implements the storage once for both. The package knows API types but no HTTP, and reading changes nothing.
//
// [WatchREST] is the same storage with watches, which a watchcache.Cache serves.
package generic
