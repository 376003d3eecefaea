// Package openapi holds the schemas of the types that Plimsoll serves. They are generated: hack/update-openapi.sh writes
// them, and the API server publishes them at /openapi/v2 and /openapi/v3.
package openapi
