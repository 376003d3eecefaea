// Package servingcert makes, shares and renews the certificate by which the server proves itself to its clients, above all to the aggregator of the API
// server.
//
// Its place is beside the data flow, in front of the API server's listener. A Manager keeps a certificate authority and a serving certificate in one
// Secret that all replicas share, and keeps caBundle of the server's own APIServices right. The library's TLS listener takes the certificate from the
// Manager (dynamiccertificates.CertKeyContentProvider) for each new connection.
//
// Each synchronization reads the APIServices, then the Secret; replaces what is due in the Secret; writes caBundle; and serves the certificate. In that
// order a new authority is in caBundle before a certificate that it has signed is served, and a replica never writes an older caBundle over a newer one.
package servingcert
