// Package text writes usage to the log, for a look at it without any other system: a line for each object, of which there are as many in a minute as its
// configuration allows.
//
// It stands at the end of the exporter's pipeline (pkg/export), as an encoder and a sender.
package text
