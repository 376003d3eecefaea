// Package docs reads what the pages of the documentation show, so that tests can run it: what a reader copies has to work.
//
// It knows the form of the pages and nothing of Plimsoll. Tests parse the examples; those with a cluster at hand start a server with each.
package docs
