package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// subject is what a kubelet reports of a container, of a pod (no container) or of its node (no pod).
type subject struct {
	namespace, pod, container string
	// uid is what the kubelet calls the pod.
	uid string
	// cpu (core-seconds), memory and swap (bytes) and rate (nanocores) are as they are sent; empty where they are not.
	cpu, memory, swap, rate string
	// disk is the use of the node's file system or of a container's own layer, logs that of its logs: bytes, or 5Mi, or 5Mi/7Mi
	// with the size of the file system.
	disk, logs string
	// psi are averages of the pressure of CPU and memory in percent, as they are sent: cpu-some-10s:0.53,memory-full-60s:1.
	psi string
	// read is when all was read but the memory; start is when the instance began.
	read, memoryRead, start moment
}

// moment is a time in milliseconds since the Unix epoch. It is unknown where the kubelet does not give it.
type moment struct {
	ms    int64
	known bool
}

// parseSubject reads "ns/name/container key=value...", "ns/name ..." or "node ...".
func parseSubject(line string, now time.Time) (subject, error) {
	words := strings.Fields(line)
	names := strings.Split(words[0], "/")
	if len(names) > 3 || len(names) == 1 && names[0] != "node" {
		return subject{}, fmt.Errorf("%q names neither the node nor a pod nor a container", words[0])
	}
	s := subject{read: moment{now.UnixMilli(), true}}
	for i, to := range []*string{&s.namespace, &s.pod, &s.container}[:len(names)] {
		if len(names) > 1 {
			*to = names[i]
		}
	}
	o := parseOptions(words[1:])
	if err := s.setTimes(o, now); err != nil {
		return subject{}, fmt.Errorf("%q: %w", line, err)
	}
	s.uid, s.cpu, s.rate, s.memory, s.swap = o["uid"], o["cpu"], o["rate"], inBytes(o["mem"]), inBytes(o["swap"])
	s.disk, s.logs, s.psi = o["disk"], o["logs"], o["psi"]
	return s, nil
}

func (s *subject) setTimes(o options, now time.Time) (err error) {
	if o.has("t") {
		if s.read, err = parseMoment(o["t"], now); err != nil {
			return err
		}
	}
	s.memoryRead = s.read
	if o.has("mt") {
		if s.memoryRead, err = parseMoment(o["mt"], now); err != nil {
			return err
		}
	}
	if o.has("start") {
		s.start, err = parseMoment(o["start"], now)
	}
	return err
}

// parseMoment reads a time of the day, a distance from now, milliseconds since the Unix epoch after an @, or "none".
func parseMoment(word string, now time.Time) (moment, error) {
	if word == "none" {
		return moment{}, nil
	}
	if ms, ok := strings.CutPrefix(word, "@"); ok {
		n, err := strconv.ParseInt(ms, 10, 64)
		return moment{n, true}, err
	}
	if d, err := time.ParseDuration(word); err == nil {
		return moment{now.Add(d).UnixMilli(), true}, nil
	}
	t, err := time.Parse(time.DateTime, now.Format(time.DateOnly)+" "+word)
	if err != nil {
		return moment{}, fmt.Errorf("a time reads 10:00:05, -2s, @1785924000000 or none: %w", err)
	}
	return moment{t.UnixMilli(), true}, nil
}

// inBytes converts 64Mi into bytes and returns any other word unchanged.
func inBytes(word string) string {
	if !strings.HasSuffix(word, "i") {
		return word
	}
	q, err := resource.ParseQuantity(word)
	if err != nil {
		return word
	}
	return strconv.FormatInt(q.Value(), 10)
}
