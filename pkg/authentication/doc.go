// Package authentication remembers who clients with a certificate are.
//
// It stands between the library's filter, which every request passes on its way to the registries, and the library's authenticators,
// which verify a certificate anew for each request: a sixth of the CPU of a small answer. It decides nothing itself.
package authentication
