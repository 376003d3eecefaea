package cluster

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

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
	// maxField is the highest number of a field that there can be.
	maxField = 1<<29 - 1
)

var (
	errNoEnvelope = errors.New("it does not begin as an object in protobuf does")
	errMalformed  = errors.New("it is not well-formed protobuf")
	errNoList     = errors.New("it holds no list")
)

// readPods reads a PodList in the Kubernetes protobuf envelope, and gives away each pod, with the fields of fieldsOfPod, before it reads
// the next: a list never has to be in memory. An error says what is wrong with the list; some pods may have been given away by then.
func readPods(from io.Reader, take func(*corev1.Pod)) (metav1.ListMeta, error) {
	s := &podStream{from: bufio.NewReaderSize(from, streamBuffer), take: take, read: fieldsOfPod()}
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
	// object is the message that is read, and part what is read of it, in memory that the next one takes over.
	object, part []byte
}

// envelope reads to the end of the stream.
func (s *podStream) envelope() error {
	found := false
	for {
		field, size, err := s.field()
		switch {
		case errors.Is(err, io.EOF) && found:
			return nil
		case errors.Is(err, io.EOF):
			return errNoList
		case err != nil:
			return err
		case field == fieldRaw && found:
			return fmt.Errorf("%w: it holds two objects", errMalformed)
		case field == fieldRaw:
			found = true
			err = s.list(size)
		default:
			err = s.skip(size)
		}
		if err != nil {
			return err
		}
	}
}

// list reads a PodList of so many bytes.
func (s *podStream) list(size uint64) error {
	whole := s.from
	defer func() { s.from = whole }()
	limited := &io.LimitedReader{R: whole, N: int64(size)}
	s.from = bufio.NewReaderSize(limited, streamBuffer)
	for {
		field, size, err := s.field()
		switch {
		case errors.Is(err, io.EOF) && limited.N > 0:
			return io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case field == fieldMeta:
			err = s.message(size, s.listMeta)
		case field == fieldItems:
			err = s.message(size, s.pod)
		default:
			err = s.skip(size)
		}
		if err != nil {
			return err
		}
	}
}

func (s *podStream) listMeta(object []byte) error {
	if err := s.meta.Unmarshal(object); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	return nil
}

// pod gives away what is read of a pod.
func (s *podStream) pod(object []byte) error {
	part, err := s.read.appendTo(s.part[:0], object)
	s.part = part
	if err != nil {
		return err
	}
	pod := &corev1.Pod{}
	if err := pod.Unmarshal(s.part); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	s.take(pod)
	return nil
}

// field reads the head of a field and returns its number and size. All fields of both messages are messages or text themselves. The
// error is io.EOF where there is none.
func (s *podStream) field() (number, size uint64, err error) {
	const typeBits, delimited = 3, 2
	if _, err := s.from.Peek(1); err != nil {
		return 0, 0, err
	}
	key, err := binary.ReadUvarint(s.from)
	if err != nil {
		return 0, 0, truncated(err)
	}
	if key&(1<<typeBits-1) != delimited {
		return 0, 0, fmt.Errorf("%w: field %d has the wire type %d", errMalformed, key>>typeBits, key&(1<<typeBits-1))
	}
	if number = key >> typeBits; number == 0 || number > maxField {
		return 0, 0, fmt.Errorf("%w: there is no field %d", errMalformed, number)
	}
	if size, err = binary.ReadUvarint(s.from); err != nil {
		return 0, 0, truncated(err)
	}
	if size > math.MaxInt64 {
		return 0, 0, fmt.Errorf("%w: field %d has %d bytes", errMalformed, number, size)
	}
	return number, size, nil
}

// message reads a message for one that keeps nothing of the bytes.
func (s *podStream) message(size uint64, unmarshal func([]byte) error) error {
	if size > maxObject {
		return fmt.Errorf("%w: an object of %d bytes", errMalformed, size)
	}
	if uint64(cap(s.object)) < size {
		s.object = make([]byte, size)
	}
	s.object = s.object[:size]
	if _, err := io.ReadFull(s.from, s.object); err != nil {
		return truncated(err)
	}
	return unmarshal(s.object)
}

func (s *podStream) skip(size uint64) error {
	_, err := io.CopyN(io.Discard, s.from, int64(size))
	return truncated(err)
}

// truncated is the error of a stream that ends too early.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
