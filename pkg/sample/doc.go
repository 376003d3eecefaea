// Package sample holds what a kubelet said about its node at one moment, and the rate between two such moments.
//
// It is the leaf of the data flow: decoders produce a Node, the scrape loop hands it on, the store keeps what it needs of it.
// Nothing in it reads a clock, logs or knows an API type.
package sample
