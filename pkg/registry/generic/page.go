package generic

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/client-go/tools/cache"
)

// Key is the name of an object, and its namespace, which is empty for a resource without namespaces. Lists are in the order of their keys.
type Key = cache.ObjectName

// compareKeys is below, at or above zero, as the standard library's cmp.Compare is.
func compareKeys(a, b Key) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

// next is the key that follows immediately: no name has a byte that is less.
func next(k Key) Key { return Key{Namespace: k.Namespace, Name: k.Name + "\x00"} }

// page is which part of a list a request asks for. A list is walked by the keys of its objects and is no snapshot: an object that is there all the
// time is on one page, and each page has the newest usage.
type page struct {
	// from is the key at which the page begins: that of an object, or what comes next after one. The zero value is where the list begins.
	from Key
	// limit is how many objects the page may have; 0 for any number.
	limit int
	// version is the resource version of the first page, which all that follow have too: a watch from there has what was missed between the
	// pages. It is 0 for the first page, and for one that is walked on with after the version has become too old.
	version uint64
	// least is the oldest resource version that the list may have.
	least uint64
}

const (
	// maxToken is the size of a continue token, in bytes, beyond which it is none of ours.
	maxToken = 1024
	// maxTokenAge is how old the first page may be: as old as a list of kube-apiserver, which compacts what is older. Resource versions are in
	// microseconds.
	maxTokenAge = uint64(5 * time.Minute / time.Microsecond)
	// maxTokenAhead is how far the clock of the replica that served the first page may be ahead.
	maxTokenAhead = uint64(time.Minute / time.Microsecond)
	// keyPrefix is what the library wants keys to begin with. It is not in the token.
	keyPrefix = "/"
)

// newPage reads which part of the list is asked for, and refuses what is malformed or contradictory with a BadRequest.
func newPage(options *internalversion.ListOptions, namespaced bool, namespace string) (page, error) {
	if options == nil {
		return page{}, nil
	}
	if len(options.Continue) > maxToken {
		return page{}, apierrors.NewBadRequest(fmt.Sprintf("invalid continue token: it has %d bytes, at most %d are allowed", len(options.Continue), maxToken))
	}
	version, key, err := storage.ValidateListOptions(keyPrefix, storage.APIObjectVersioner{}, storage.ListOptions{
		ResourceVersion: options.ResourceVersion, ResourceVersionMatch: options.ResourceVersionMatch, Recursive: true,
		Predicate: storage.SelectionPredicate{Continue: options.Continue, Limit: options.Limit},
	})
	if err != nil {
		return page{}, err
	}
	if options.ResourceVersionMatch == metav1.ResourceVersionMatchExact {
		return page{}, apierrors.NewResourceExpired("the list of resourceVersion " + options.ResourceVersion +
			" is not kept, only the newest usage is: use resourceVersionMatch=NotOlderThan, or no resourceVersion")
	}
	p := page{limit: int(min(max(options.Limit, 0), math.MaxInt32))}
	if options.ResourceVersion == "0" {
		p.limit = 0 // As kube-apiserver: what is served from memory comes at once.
	}
	if options.Continue != "" {
		p.version = uint64(version)
		p.from, err = parseKey(strings.TrimPrefix(key, keyPrefix), namespaced, namespace)
		return p, err
	}
	p.least, err = parseVersion(options.ResourceVersion)
	return p, err
}

// parseKey reads the key of a continue token, which must be of the same resource and namespace.
func parseKey(text string, namespaced bool, namespace string) (k Key, err error) {
	k.Name = text
	if namespaced {
		k.Namespace, k.Name, _ = strings.Cut(text, "/")
	}
	if k.Name == "" || strings.Contains(k.Name, "/") || namespace != "" && k.Namespace != namespace {
		return Key{}, apierrors.NewBadRequest("invalid continue token: it is of another list")
	}
	return k, nil
}

// token is what continues a list at a key. Its format is that of kube-apiserver.
func token(from Key, version int64) string {
	path := keyPrefix + from.Name
	if from.Namespace != "" {
		path = keyPrefix + from.Namespace + path
	}
	text, _ := storage.EncodeContinue(path, keyPrefix, version) // It fails without the prefix alone.
	return text
}

// setVersion gives a first page the newest version, or the least where that has passed since, and refuses one that follows a first page too late, with a token by which the client may go
// on all the same, or a first page from the future.
func (p *page) setVersion(newest uint64) error {
	switch {
	case p.version == 0:
		p.version = max(newest, p.least)
	case p.version+maxTokenAge < newest:
		err := apierrors.NewResourceExpired("the continue token is too old: start a new list without it, or go on with the token of this response, " +
			"and the list may be without objects that have come, or have some that have gone, since its first page")
		err.ErrStatus.ListMeta.Continue = token(p.from, -1)
		return err
	case p.version > newest+maxTokenAhead:
		return storage.NewTooLargeResourceVersionError(p.version, newest, retryAfter)
	}
	return nil
}

// size is how many of so many objects may be on the page.
func (p *page) size(objects int) int {
	if p.limit == 0 {
		return objects
	}
	return min(p.limit, objects)
}

// isFull is true where a page of so many objects takes no more.
func (p *page) isFull(items int) bool { return p.limit > 0 && items >= p.limit }
