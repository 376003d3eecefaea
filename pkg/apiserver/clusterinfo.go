package apiserver

import (
	"net/http"
	"net/url"
	"strings"

	apirequest "k8s.io/apiserver/pkg/endpoints/request"
)

// clusterInfoResolver gives a watch below /clusters/NAME the verb watch. Otherwise it would be a GET of a path, which has a deadline, is not awaited at the end of
// the process, and needs no right to watch.
type clusterInfoResolver struct{ apirequest.RequestInfoResolver }

// NewRequestInfo implements RequestInfoResolver.
func (c clusterInfoResolver) NewRequestInfo(r *http.Request) (*apirequest.RequestInfo, error) {
	info, err := c.RequestInfoResolver.NewRequestInfo(r)
	if err != nil || info.IsResourceRequest {
		return info, err
	}
	_, path, found := strings.Cut(strings.TrimPrefix(r.URL.Path, clustersPrefix), "/")
	if !found || !strings.HasPrefix(r.URL.Path, clustersPrefix) {
		return info, nil
	}
	inner := *r
	inner.URL = &url.URL{Path: "/" + path, RawQuery: r.URL.RawQuery}
	if of, err := c.RequestInfoResolver.NewRequestInfo(&inner); err == nil && of.IsResourceRequest && of.Verb == "watch" {
		info.Verb = of.Verb
	}
	return info, nil
}
