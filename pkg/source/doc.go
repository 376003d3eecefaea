// Package source reads the language of the --source flag: which cluster's kubelets are asked, at which endpoint, and how.
//
// It is the head of the data flow: the options parse the flag with it, the cluster and the scrape loops follow what it says.
// The language is Heapster's, PREFIX[:CONFIG][?OPTIONS], with options of Plimsoll's own. The package is pure: it opens no file, and
// asks its caller for the variables of the environment.
package source
