package engines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Point is one value at its time.
type Point struct {
	Time  time.Time
	Value float64
}

// Series are the values of one set of labels, in the order of time; an instant query returns one value of each.
type Series struct {
	Labels map[string]string
	Points []Point
}

// Key joins the values of some labels with slashes.
func (s Series) Key(labels ...string) string {
	values := make([]string, len(labels))
	for i, label := range labels {
		values[i] = s.Labels[label]
	}
	return strings.Join(values, "/")
}

// Last is the newest value; zero where there is none.
func (s Series) Last() Point {
	if len(s.Points) == 0 {
		return Point{}
	}
	return s.Points[len(s.Points)-1]
}

// PromQL evaluates an instant query of Prometheus's HTTP API, with further parameters, whose values replace each other. A selector of a range, such as
// x[5m], returns the samples as they are stored. A warning is an error: the result may be incomplete.
func (e *Engine) PromQL(ctx context.Context, query string, parameters map[string]string) ([]Series, error) {
	form := url.Values{"query": {query}}
	for key, value := range parameters {
		form.Set(key, value)
	}
	body, err := post(ctx, e.URL+"/api/v1/query", form.Encode())
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status, Error string
		Warnings      []string
		Data          struct {
			Result []struct {
				Metric map[string]string
				Value  *sample
				Values []sample
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the answer to %s: %w: %.300s", query, err, body)
	}
	if answer.Status != "success" || len(answer.Warnings) > 0 {
		return nil, fmt.Errorf("query %s: %s: %s %q", query, answer.Status, answer.Error, answer.Warnings)
	}
	all := make([]Series, 0, len(answer.Data.Result))
	for _, r := range answer.Data.Result {
		s := Series{Labels: r.Metric}
		if r.Value != nil {
			r.Values = append(r.Values, *r.Value)
		}
		for _, v := range r.Values {
			s.Points = append(s.Points, Point(v))
		}
		all = append(all, s)
	}
	return all, nil
}

// sample is a pair of a time, in seconds, and the text of a value.
type sample Point

// UnmarshalJSON reads the pair.
func (s *sample) UnmarshalJSON(text []byte) error {
	var pair []json.RawMessage
	var seconds float64
	var value string
	if err := json.Unmarshal(text, &pair); err != nil || len(pair) != 2 {
		return fmt.Errorf("sample %s is no pair: %w", text, err)
	}
	if err := errors.Join(json.Unmarshal(pair[0], &seconds), json.Unmarshal(pair[1], &value)); err != nil {
		return fmt.Errorf("sample %s: %w", text, err)
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("sample %s: %w", text, err)
	}
	*s = sample{Time: time.UnixMilli(int64(seconds*1000 + 0.5)), Value: number}
	return nil
}

// ByKey are series by the values of some labels. Two series with the same are an error: one would hide the other.
func ByKey(all []Series, labels ...string) (map[string]Series, error) {
	found := make(map[string]Series, len(all))
	for _, s := range all {
		key := s.Key(labels...)
		if other, twice := found[key]; twice {
			return nil, fmt.Errorf("two series are %q by %v: %v and %v", key, labels, other.Labels, s.Labels)
		}
		found[key] = s
	}
	return found, nil
}
