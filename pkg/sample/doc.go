// Package sample holds what a kubelet reported about its node at one moment, the rate between two such moments, and the table of extra
// resources.
//
// It is the leaf of the data flow: decoders produce a Node, package scrape passes it to the store, and the store keeps a CPUCounter of each
// container, which accepts or rejects readings and computes the rate. Nothing in it reads a clock, logs or knows an API
// type.
package sample
