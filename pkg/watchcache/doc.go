// Package watchcache has what watches of one resource of a cluster need: which objects are served, how that changes, and what a client that resumes
// a watch may have missed.
//
// A [Cache] follows the store through an observer while a client watches, and for a minute longer; otherwise it costs nothing but [Cache.Keep], which
// keeps former objects for clients that come back. The state is built from the objects of the cluster and
// the cells of their usage, which takes no lock that a scrape needs.
//
// All watchers read the same log of changes, each from its own position and with its own selectors. The cache never waits for a watcher: one that
// falls too far behind ends with the error 410 Expired, and lists again.
//
// Resource versions are those of the store, which follow the clock: so a client may go on with a version that another replica has sent. It then
// gets all that is served now, a deletion for each object that has ended or changed since half a minute or one resolution before that version, and one for each
// object of which only the other replica may have usage. A deletion that a client gets twice does no harm; without one the object would stay in its cache for ever.
package watchcache
