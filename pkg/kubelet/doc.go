// Package kubelet is the HTTP client to kubelets. Package scrape decides when a kubelet is scraped and at which endpoint; this package sends the request
// over the connection that the caller keeps for that kubelet, and returns the body, which package decode reads. It knows no node and no store.
//
//   - client.go: a Client has the credentials and the TLS configuration of one source. Get sends one request.
//   - config.go, credentials.go, certificates.go: what a Client is made of, from the client configuration of the cluster.
//   - conn.go: a Conn is the connection to one kubelet, kept from request to request. roundtrip.go sends a request over it.
//   - connect.go, failover.go, dial.go: connections are made to one of the kubelet's addresses, where the policy allows it. The TLS handshake in connect.go
//     verifies the kubelet's certificate: by the address that was dialled, unless identity.go replaces that.
//   - identity.go: the certificate of a kubelet is verified by its node, where that is asked for, and not by the address that was dialled.
//   - reuse.go, idle.go: a connection is used again unless it is too old or brought bytes that no request asked for.
//   - persistconn.go, responsebody.go, record.go, socket.go, socketwrite.go: one network connection, from HTTP down through TLS to the system calls.
//   - blocked.go: the worker that runs the request is informed when the request waits for something other than the CPU.
//   - body.go, large.go, memory.go: bounds of response bodies.
//   - errors.go: the errors that a caller can tell apart.
//
// The goroutine that calls Get does all the work of the request: it writes the request, leaves the kubelet to its response (Worker.Yield), and
// reads. No goroutine and no buffer belongs to an idle connection, which therefore costs what TLS keeps of it.
package kubelet
