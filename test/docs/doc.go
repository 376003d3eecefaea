// Package docs reads the examples of the documentation, so that tests can run them: what a reader copies must work.
//
// It knows the form of the pages and nothing of Plimsoll. Tests parse the examples; those with a cluster start a server with each.
package docs
