// Package excerpt bounds what others wrote before it enters a log or an error: at most MaxBytes bytes, and no character that a terminal or
// a log collector acts on. Kubelets choose status lines, header fields and certificates, and node objects hold any text as an address.
package excerpt
