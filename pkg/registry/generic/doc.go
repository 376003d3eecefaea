// Package generic is the storage that the resources nodes and pods share: Get, List and tables, for any kind of object.
//
// It stands between published usage and the API server. The packages nodemetrics and podmetrics describe their objects to [REST], which
// implements the storage once for both. The package knows API types but no HTTP, and reading changes nothing.
//
// A watch belongs here, as a method of [REST] (Watcher of k8s.io/apiserver/pkg/registry/rest): the changes come from a [usage.Observer],
// the selectors from newSelection, and each object that is sent is an [Item]. What it has to consider:
//
//   - The way of the observer to here: Store.Observe, ClusterStack.Readers in cmd/plimsoll/app, Readers in pkg/apiserver/config.go, installGroup in
//     group.go there, and NewREST of nodemetrics and podmetrics; library_test.go of pkg/apiserver and server_test.go of test/scenario call NewREST too.
//   - The API changes more often than the observer reports. A pod that has ended, or expects a further container, is not served although its usage
//     is published (read in podmetrics), and labels change with the object alone: such changes have to come from pkg/cluster, which has no events
//     but the deletion of pods (OnPodDeleted).
//   - An event of the type Deleted comes when the object is gone, so the watcher keeps the last Item of each object that it has sent.
//   - The store keeps no history. A watch that begins at an older resource version than the newest gets 410 Gone, and the client lists again. So
//     does a watcher whose queue was full (Batch.Resync).
//   - In pkg/apiserver, withUserShare counts watches apart from other requests. TestErrorsHaveAReason wants a watch to be refused.
//   - The roles of manifests/base grant the verb watch to readers already.
package generic
