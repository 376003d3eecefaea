package source

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// labelName matches the name of a label that an engine keeps.
var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

func toLabel(field func(*values) *string) setter {
	return func(v *values, value string) error {
		if !labelName.MatchString(value) {
			return errors.New("must be the name of a label: letters, digits and _, with no digit at the beginning")
		}
		*field(v) = value
		return nil
	}
}

func setReplicaLabels(v *values, value string) error {
	v.engine.ReplicaLabels = []string{}
	for name := range strings.SplitSeq(value, ",") {
		if value != "" && !labelName.MatchString(name) {
			return fmt.Errorf("must be a list of names of labels, with commas and no spaces: %q is none", name)
		}
		v.engine.ReplicaLabels = append(v.engine.ReplicaLabels, name)
	}
	return nil
}

func setEndpoint(v *values, value string) error {
	switch value {
	case EndpointAuto, EndpointResource, EndpointCAdvisor:
		v.engine.Endpoint = value
		return nil
	}
	return fmt.Errorf("must be %s, %s or %s", EndpointAuto, EndpointResource, EndpointCAdvisor)
}

func setTenant(v *values, value string) error {
	if value == "" || len(value) > 150 || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("must be the name of a tenant: 1 to 150 visible characters")
	}
	v.engine.Tenant = value
	return nil
}

func setUser(v *values, value string) error {
	if value == "" || strings.Contains(value, ":") {
		return errors.New("must be the name of a user, without a colon")
	}
	v.engine.User = value
	return nil
}

func setShardSize(v *values, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxShard {
		return fmt.Errorf("must be a number of nodes from 1 to %d", maxShard)
	}
	v.engine.ShardSize = n
	return nil
}

// matcher is one matcher at the beginning of a text: a name, an operator, a value in double quotes, and what separates it from the next.
var matcher = regexp.MustCompile(`^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")\s*(,\s*|$)`)

// maxMatch bounds matchers, in bytes: the shortest limit of an engine is 16 KiB for a query, which has the names of nodes too.
const maxMatch = 4 << 10

// setMatch stores matchers, in the notation of PromQL without braces.
func setMatch(v *values, value string) error {
	if len(value) > maxMatch {
		return fmt.Errorf("must have at most %d bytes: engines limit the length of a query", maxMatch)
	}
	var all []string
	for rest := value; rest != ""; {
		parts := matcher.FindStringSubmatch(rest)
		if parts == nil {
			return errors.New(`must be matchers such as cluster="west",job=~"kubelet.*", joined by commas: write %26 for & and %2B for +`)
		}
		rest = rest[len(parts[0]):]
		text, err := strconv.Unquote(parts[3])
		if err != nil {
			return fmt.Errorf("must have values in double quotes, with \\\\ for a backslash: %s is none", parts[3])
		}
		if _, err := regexp.Compile("^(?:" + text + ")$"); strings.HasSuffix(parts[2], "~") && err != nil {
			return fmt.Errorf("has an invalid regular expression: %w", err)
		}
		all = append(all, parts[1]+parts[2]+strconv.Quote(text))
	}
	v.engine.Match = strings.Join(all, ",")
	return nil
}

func setLatencyOffset(v *values, value string) error {
	var offset time.Duration
	err := toDuration(func(*values) *time.Duration { return &offset }, 0, "of at least 0s, such as 5s")(v, value)
	v.latencyOffset = &offset
	return err
}
