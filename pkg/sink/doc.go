// Package sink parses, validates and completes the values of the --sink flag: to which systems usage is sent, how these are reached, and as whom.
//
// The language is Heapster's, PREFIX[:CONFIG][?OPTIONS], with additional options and prefixes: package flagvalue has what --source shares with it. The command's
// options parse the flag with it, and the wiring makes the encoder and the sender of each sink, from the folders of this one, and an exporter for all of
// them. The package is pure: it opens no file, and the caller passes the function that looks up environment variables.
package sink
