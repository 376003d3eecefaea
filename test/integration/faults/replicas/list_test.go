package replicas

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// list is a list of metrics, by "node" or "namespace/pod".
type list struct {
	version uint64
	times   map[string]time.Time
	// usage is by "node cpu" or "namespace/pod container cpu".
	usage map[string]string
}

// document has the fields of a NodeMetricsList and a PodMetricsList that the tests read.
type document struct {
	Metadata struct{ ResourceVersion string }
	Items    []struct {
		Metadata   struct{ Namespace, Name string }
		Timestamp  time.Time
		Usage      map[string]string
		Containers []struct {
			Name  string
			Usage map[string]string
		}
	}
}

// readList requests a list.
func readList(ctx context.Context, client *http.Client, url string) (*list, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var text [300]byte
		n, _ := response.Body.Read(text[:])
		return nil, &statusError{response.StatusCode, string(text[:n])}
	}
	var d document
	if err := json.NewDecoder(response.Body).Decode(&d); err != nil {
		return nil, fmt.Errorf("read %s: %w", url, err)
	}
	return d.list()
}

// statusError is a response that is not 200.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.text) }

func (d *document) list() (*list, error) {
	version, err := strconv.ParseUint(d.Metadata.ResourceVersion, 10, 64)
	l := &list{version: version, times: map[string]time.Time{}, usage: map[string]string{}}
	add := func(name string, usage map[string]string) {
		for resource, quantity := range usage {
			l.usage[name+" "+resource] = quantity
		}
	}
	for _, item := range d.Items {
		key := strings.TrimPrefix(item.Metadata.Namespace+"/"+item.Metadata.Name, "/")
		l.times[key] = item.Timestamp
		add(key, item.Usage)
		for _, c := range item.Containers {
			add(key+" "+c.Name, c.Usage)
		}
	}
	return l, err
}

// count returns how many of the names a list has.
func (l *list) count(names []string) (n int) {
	for _, name := range names {
		if !l.times[name].IsZero() {
			n++
		}
	}
	return n
}

// missing returns which of the names a list does not have.
func (l *list) missing(names []string) error {
	absent := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !l.times[name].IsZero() })
	if len(absent) == 0 {
		return nil
	}
	return fmt.Errorf("a list has %d of %d, %q is missing", len(names)-len(absent), len(names), absent[0])
}

// workload are the pods of the test's namespaces, whose containers run all the time.
func workload() []fleet.PodTruth {
	return slices.DeleteFunc(env.Fleet.Pods(), func(p fleet.PodTruth) bool { return p.Namespace == namespace })
}

// expected are the names that a list of a resource must have.
func expected(resource string) (names []string) {
	if resource == "nodes" {
		return env.Fleet.Nodes()
	}
	for _, p := range workload() {
		names = append(names, p.Namespace+"/"+p.Name)
	}
	return names
}
