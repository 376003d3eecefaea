// Package excerpt shortens text from outside the process before it enters a log or an error: to at most MaxBytes bytes, without characters that a terminal
// or a log collector interprets. Kubelets choose status lines, header fields and certificates, and Node objects contain any text as an address.
//
// It is a leaf: the packages that read such text (target, kubelet, decode, scrape) import it.
package excerpt
