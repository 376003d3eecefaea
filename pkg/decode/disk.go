package decode

import (
	"context"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Disk decodes what the body of a kubelet's /stats/summary, in full, says of local disks, in the JSON of
// k8s.io/kubelet/pkg/apis/stats/v1alpha1.
//
// A container's use is that of its own layer and its logs together; where one of the two is not known neither is the sum.
// The node's is that of the file system of the kubelet's directory. More than a file system holds is rejected, and what is beyond a bound.
//
// The error wraps ErrTruncated, ErrSyntax, ErrTooMany or ErrEmpty.
func Disk(body []byte) (sample.Disk, error) { return DiskDecoder{}.Decode(context.Background(), body) }

// DiskDecoder decodes as Disk does, and leaves out what its filter does not expect. It remembers nothing: it is safe for concurrent
// use where its filter is.
type DiskDecoder struct {
	// Filter tells which containers to leave out; nil for none.
	Filter Filter
}

// Decode is Disk. Where the context ends it ends early, with the context's cause.
func (d DiskDecoder) Decode(ctx context.Context, body []byte) (sample.Disk, error) {
	read := diskReader{filter: d.Filter, names: names{}}
	rejected, err := readJSON(ctx, body, read.member)
	if err != nil {
		return sample.Disk{}, err
	}
	all := sample.Disk{Pods: read.pods, Rejected: rejected}
	all.Node = read.node.reading(&all.Rejected)
	if !all.Node.Known && len(all.Pods) == 0 {
		return sample.Disk{}, emptyError(body)
	}
	return all, nil
}

// diskReader is what has been read of one summary's disks.
type diskReader struct {
	filter Filter
	node   fsStats
	pods   []sample.PodDisk
	// containers counts those of the pods, names are those that many pods share.
	containers int
	names      names

	// ref, read and container are what is read at the moment, rejected counts what the containers lack.
	ref       podRef
	read      []sample.ContainerDisk
	container containerDisk
	rejected  sample.Rejections
}

// member reads a member of the outermost object.
func (d *diskReader) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "node"):
		return r.object(d.memberOfNode)
	case is(name, "pods"):
		// Of two lists the last is meant.
		d.pods, d.containers = nil, 0
		return r.list(d.element)
	}
	return r.SkipValue()
}

func (d *diskReader) memberOfNode(r *jsonReader, name []byte) error {
	if is(name, "fs") {
		return readInto(r, &d.node, (*fsStats).member)
	}
	return r.SkipValue()
}

// element reads a pod and keeps what is known of its containers.
func (d *diskReader) element(r *jsonReader) error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	d.ref.reset()
	d.read, d.rejected = d.read[:0], sample.Rejections{}
	if err := r.object(d.memberOfPod); err != nil {
		return err
	}
	if reason := d.ref.check(); reason != sample.Accepted {
		r.rejected.Add(reason)
		return nil
	}
	r.rejected.Merge(d.rejected)
	d.keep(&r.rejected)
	return nil
}

func (d *diskReader) keep(rejected *sample.Rejections) {
	pod := sample.PodDisk{Namespace: string(d.ref.namespace), Name: string(d.ref.name), UID: string(d.ref.uid)}
	if d.filter != nil {
		d.read = slices.DeleteFunc(d.read, func(c sample.ContainerDisk) bool { return !d.filter.Expects(pod.Namespace, pod.Name, c.Name) })
	}
	switch {
	case len(d.read) == 0:
		return
	case len(d.pods) >= maxPods || d.containers+len(d.read) > maxContainers:
		rejected.Add(sample.TooMany)
		return
	}
	pod.Namespace, pod.Containers = d.names.of(d.ref.namespace), slices.Clone(d.read)
	d.containers += len(d.read)
	d.pods = append(d.pods, pod)
}

func (d *diskReader) memberOfPod(r *jsonReader, name []byte) error {
	switch {
	case is(name, "podRef"):
		return r.object(d.ref.member)
	case is(name, "containers"):
		d.read, d.rejected = d.read[:0], sample.Rejections{}
		return r.list(d.elementOfPod)
	}
	return r.SkipValue()
}

// elementOfPod reads a container.
func (d *diskReader) elementOfPod(r *jsonReader) error {
	d.container = containerDisk{name: d.container.name[:0]}
	if err := r.object(d.container.member); err != nil {
		return err
	}
	bytes, ok := d.container.bytes(&d.rejected)
	name := d.container.name
	switch {
	case !ok || !isContainer(string(name)):
	case len(name) > maxContainerName:
		d.rejected.Add(sample.TooLong)
	case len(d.read) >= maxPerPod || len(d.names) >= 2*maxContainers:
		d.rejected.Add(sample.TooMany)
	default:
		d.read = append(d.read, sample.ContainerDisk{Name: d.names.of(name), Start: d.container.start.start(), Bytes: bytes})
	}
	return nil
}
