// Package scrape decides for each node of a cluster when its kubelet is scraped, at which endpoint, and what follows from the response or its absence.
//
// The node watch sets the targets of a Manager. The scheduler of package schedule runs one nodeScraper for each node (node.go): it requests the
// body through package kubelet, has it decoded, and puts the sample into the store. Nodes share nothing but the process's memory and cores, so a
// kubelet that hangs, fails or lies costs only its own node. fallback.go and rates.go choose other endpoints, timing.go and outage.go the
// time of the next scrape, and status.go keeps why the latest failed.
package scrape
