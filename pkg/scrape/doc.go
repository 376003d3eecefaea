// Package scrape runs one long-lived loop a node: it fetches the kubelet's answer, has it decoded and puts it into the store.
//
// The cluster tells the Manager which nodes there are and how each is reached (a target). Loops share nothing but the limit
// on how many answers are decoded at once, so a node that hangs, fails or lies costs only itself. What went wrong last is
// kept for each node as a Cause: a word for a metric's label and a sentence for a person.
package scrape
