package cluster

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The Kubernetes protobuf envelope: four bytes, then a runtime.Unknown whose raw is the object. See
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding and the .proto files of k8s.io/apimachinery and
// k8s.io/api for the numbers of the fields.
const (
	protobufMagic = "k8s\x00"
	fieldRaw      = 2
	fieldMeta     = 1
	fieldItems    = 2
)

const (
	// streamBuffer is how much is read at once, in bytes.
	streamBuffer = 64 << 10
	// maxObject bounds one pod, in bytes. etcd takes none of more than a few megabytes.
	maxObject = 64 << 20
	// maxHead is how many bytes the number and the size of a field have at most.
	maxHead = 2 * binary.MaxVarintLen64
)

var (
	errNoEnvelope = errors.New("it does not begin as an object in protobuf does")
	errMalformed  = errors.New("it is not well-formed protobuf")
	errNoList     = errors.New("it holds no list")
)

// readPods reads a PodList in the Kubernetes protobuf envelope, and passes each pod, with these fields, to take before it reads
// the next: a list never has to be in memory. The pod is valid until take returns. An error says what is wrong with the list; some pods may have been
// passed to take by then.
func readPods(from io.Reader, read fields, take func(*corev1.Pod)) (metav1.ListMeta, error) {
	s := &podStream{from: bufio.NewReaderSize(from, streamBuffer), take: take, read: read}
	magic := make([]byte, len(protobufMagic))
	if _, err := io.ReadFull(s.from, magic); err != nil {
		return metav1.ListMeta{}, truncated(err)
	}
	if string(magic) != protobufMagic {
		return metav1.ListMeta{}, errNoEnvelope
	}
	if err := s.envelope(); err != nil {
		return metav1.ListMeta{}, err
	}
	return s.meta, nil
}

type podStream struct {
	from *bufio.Reader
	take func(*corev1.Pod)
	meta metav1.ListMeta
	// read are the fields of a pod that are read.
	read fields
	// object is the message that is read, part what is read of it, and decoded the same as a pod, in memory that the next one takes over.
	object, part []byte
	decoded      corev1.Pod
}

// envelope reads to the end of the stream.
func (s *podStream) envelope() error {
	found := false
	err := s.each(func(field protowire.Number, size int64) error {
		switch {
		case field != fieldRaw:
			return s.skip(size)
		case found:
			return fmt.Errorf("%w: it holds two objects", errMalformed)
		}
		found = true
		return s.list(size)
	})
	if err == nil && !found {
		return errNoList
	}
	return err
}

// list reads a PodList of so many bytes.
func (s *podStream) list(size int64) error {
	outer, limited := s.from, &io.LimitedReader{R: s.from, N: size}
	s.from = bufio.NewReaderSize(limited, streamBuffer)
	defer func() { s.from = outer }()
	err := s.each(func(field protowire.Number, size int64) error {
		switch field {
		case fieldMeta:
			return s.message(size, s.meta.Unmarshal)
		case fieldItems:
			return s.message(size, s.pod)
		default:
			return s.skip(size)
		}
	})
	if err == nil && limited.N > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// each calls read with the number and the size of each field, to the end of a message. All fields of both messages are messages or text
// themselves.
func (s *podStream) each(read func(field protowire.Number, size int64) error) error {
	for {
		head, err := s.from.Peek(maxHead)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case len(head) == 0:
			return nil
		}
		field, size, n, err := consumeHead(head)
		if err != nil {
			return err
		}
		_, _ = s.from.Discard(n) // They are in the buffer.
		if err := read(field, size); err != nil {
			return err
		}
	}
}

// consumeHead returns the number and the size of a field, and how many bytes these have.
func consumeHead(head []byte) (field protowire.Number, size int64, n int, err error) {
	field, kind, n := protowire.ConsumeTag(head)
	if n < 0 {
		return 0, 0, 0, fmt.Errorf("%w: %w", errMalformed, protowire.ParseError(n))
	}
	if kind != protowire.BytesType {
		return 0, 0, 0, fmt.Errorf("%w: field %d has the wire type %d", errMalformed, field, kind)
	}
	unsigned, sizeBytes := protowire.ConsumeVarint(head[n:])
	if sizeBytes < 0 || unsigned > math.MaxInt64 {
		return 0, 0, 0, fmt.Errorf("%w: field %d has %d bytes", errMalformed, field, unsigned)
	}
	return field, int64(unsigned), n + sizeBytes, nil
}

// pod passes on what is read of a pod.
func (s *podStream) pod(object []byte) error {
	part, err := s.read.appendTo(s.part[:0], object)
	s.part = part
	if err != nil {
		return err
	}
	// Without this memory for its containers each pod would leave some kilobytes of garbage.
	spec, status := &s.decoded.Spec, &s.decoded.Status
	s.decoded = corev1.Pod{
		Spec:   corev1.PodSpec{Containers: spec.Containers[:0], InitContainers: spec.InitContainers[:0]},
		Status: corev1.PodStatus{ContainerStatuses: status.ContainerStatuses[:0], InitContainerStatuses: status.InitContainerStatuses[:0]},
	}
	if err := s.decoded.Unmarshal(s.part); err != nil {
		return err // message says what it is.
	}
	s.take(&s.decoded)
	return nil
}

// message reads a message for one that keeps nothing of the bytes.
func (s *podStream) message(size int64, unmarshal func([]byte) error) error {
	if size > maxObject {
		return fmt.Errorf("%w: an object of %d bytes", errMalformed, size)
	}
	s.object = slices.Grow(s.object[:0], int(size))[:size]
	if _, err := io.ReadFull(s.from, s.object); err != nil {
		return truncated(err)
	}
	if err := unmarshal(s.object); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	return nil
}

func (s *podStream) skip(size int64) error {
	_, err := io.CopyN(io.Discard, s.from, size)
	return truncated(err)
}

// truncated is the error of a stream that ends too early.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
