// Package source reads the language of the --source flag: where the numbers come from.
//
// It is the head of the data flow: the options parse the flag with it, the cluster and the scrape loops follow what it says.
// The language is Heapster's, PREFIX[:CONFIG][?OPTIONS]; of it, the prefixes are understood today.
package source
