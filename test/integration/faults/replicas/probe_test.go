package replicas

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// probe probes the pod as the kubelet does: the startup probe until it succeeds, then the readiness and the liveness probe. A restart, which the probes of
// startup and liveness cause, is a failure of the test.
func (r *replica) probe(ctx context.Context) error {
	c := r.container()
	err := r.follow(ctx, c.StartupProbe, func(ok bool) (done bool) { return ok }, true)
	if err != nil || ctx.Err() != nil {
		return err
	}
	alive := make(chan error, 1)
	go func() { alive <- r.follow(ctx, c.LivenessProbe, func(bool) bool { return false }, true) }()
	err = r.follow(ctx, c.ReadinessProbe, func(ok bool) bool {
		if r.state().ready != ok && r.state().deleted.IsZero() {
			r.set(func(s *state) { s.ready = ok })
			pods.fail(r.report(ctx))
		}
		return false
	}, false)
	return errors.Join(err, <-alive)
}

// follow probes until result, which is called with each change that counts, is done, or ctx ends. As many failures in a row as the threshold of a vital
// probe are an error: the kubelet would restart the container.
func (r *replica) follow(ctx context.Context, p *corev1.Probe, result func(ok bool) (done bool), vital bool) error {
	if p == nil || p.HTTPGet == nil {
		return fmt.Errorf("pod %s has a probe that this test does not know", r.pod.Name)
	}
	client := &http.Client{
		Timeout:   time.Duration(p.TimeoutSeconds) * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
	}
	ticker := time.NewTicker(time.Duration(p.PeriodSeconds) * time.Second)
	defer ticker.Stop()
	pause(ctx, time.Duration(p.InitialDelaySeconds)*time.Second)
	var failures int32
	for ctx.Err() == nil {
		err := r.httpGet(ctx, client, p.HTTPGet)
		switch {
		case err == nil:
			failures = 0
			if result(true) {
				return nil
			}
		case ctx.Err() != nil || !r.state().deleted.IsZero():
			return nil
		default:
			if failures++; failures >= p.FailureThreshold {
				if vital {
					return fmt.Errorf("the kubelet would restart pod %s: %w", r.pod.Name, err)
				}
				result(false)
			}
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return nil
}

func (r *replica) httpGet(ctx context.Context, client *http.Client, get *corev1.HTTPGetAction) error {
	port := get.Port.IntValue()
	for _, p := range r.container().Ports {
		if p.Name == get.Port.StrVal {
			port = int(p.ContainerPort)
		}
	}
	url := strings.ToLower(string(get.Scheme)) + "://" + net.JoinHostPort(r.address, strconv.Itoa(port)) + get.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s returned %s", url, response.Status)
	}
	return nil
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
