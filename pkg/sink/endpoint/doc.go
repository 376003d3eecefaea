// Package endpoint sends requests to the address of a sink over HTTP, and says what the response means for the payload: that it was taken, that it will be
// refused as often as it is sent, or that it can be sent again.
//
// TLS is client-go's: from version 1.2 on, with client certificates that are read again. Files with a token or a password are read for each request, so that
// a new one needs no restart. No redirect is followed, and of a response only a bounded part is read. Errors name the address without user and query.
package endpoint
