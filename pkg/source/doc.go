// Package source parses, validates and completes the values of the --source flag: which cluster's kubelets are scraped, at which endpoint, and how.
//
// It stands at the beginning of the data flow: the command's options parse the flag with it, and the wiring builds the watch of the cluster and the
// scraper from the result. The language is Heapster's, PREFIX[:CONFIG][?OPTIONS], with additional options. The package is pure: it opens no file, and
// the caller passes the function that looks up environment variables.
package source
