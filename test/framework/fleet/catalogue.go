package fleet

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Entry is one kind of fault in the catalogue.
type Entry struct {
	// Name is that of the function that makes the fault.
	Name string
	// Make makes a fault of this kind, whose sizes and times are drawn from r.
	Make func(r *rand.Rand) Fault
	// Lies is true where the node reports values or times of its own that are false and well-formed. No reader can find them out, so what is served of
	// the node is not its truth.
	Lies bool
}

// Catalogue returns every kind of fault, for tests that draw from all of them. A new function that makes a fault needs an entry; a test of this package
// fails without.
func Catalogue() []Entry {
	return slices.Concat(slowAndFailing(), falseContent(), brokenHTTP(), brokenTLS())
}

// slowAndFailing are kubelets that respond late, with an error, in part or not at all.
func slowAndFailing() []Entry {
	return []Entry{
		{Name: "Hang", Make: plain(Hang)},
		{Name: "Slow", Make: func(r *rand.Rand) Fault { return Slow(time.Duration(between(r, 50, 20_000)) * time.Millisecond) }},
		{Name: "Status", Make: func(r *rand.Rand) Fault { return Status(statuses[r.IntN(len(statuses))]) }},
		{Name: "ScrapeError", Make: plain(ScrapeError)},
		{Name: "NoContainers", Make: plain(NoContainers)},
		{Name: "Empty", Make: plain(Empty)},
		{Name: "Garbage", Make: plain(Garbage)},
		{Name: "HTML", Make: plain(HTML)},
		{Name: "Truncate", Make: plain(Truncate)},
		{Name: "Huge", Make: plain(Huge)},
		{Name: "Bomb", Make: plain(Bomb)},
		{Name: "Redirect", Make: func(*rand.Rand) Fault { return Redirect("https://127.0.0.1:1/metrics/resource") }},
		{Name: "DropConnections", Make: plain(DropConnections)},
	}
}

// falseContent are bodies that are large, malformed or untrue.
func falseContent() []Entry {
	return []Entry{
		{Name: "NullPods", Make: func(r *rand.Rand) Fault { return NullPods(between(r, 100, 1_500_000)) }},
		{Name: "ManyLabels", Make: func(r *rand.Rand) Fault { return ManyLabels(between(r, 100, 3_000_000)) }},
		{Name: "LongLabel", Make: func(r *rand.Rand) Fault { return LongLabel(between(r, 100, 10<<20)) }},
		{Name: "ShortLines", Make: func(r *rand.Rand) Fault { return ShortLines(between(r, 100, 4_000_000)) }},
		{Name: "StatusLine", Make: func(r *rand.Rand) Fault { return StatusLine(between(r, 10, 60<<10)) }},
		{Name: "BadChunk", Make: plain(BadChunk)},
		{Name: "BadLength", Make: plain(BadLength)},
		{Name: "EarlyEnd", Make: plain(EarlyEnd)},
		{Name: "Unsolicited", Make: func(r *rand.Rand) Fault {
			return Unsolicited(time.Duration(between(r, 1, 4_000))*time.Millisecond, falsified)
		}},
		{Name: "ManySeries", Make: func(r *rand.Rand) Fault { return ManySeries(between(r, 100, 1_000_000)) }},
		{Name: "EndlessLines", Make: plain(EndlessLines)},
		{Name: "EndlessLine", Make: plain(EndlessLine)},
		{Name: "EndlessList", Make: plain(EndlessList)},
		{Name: "Values", Make: func(r *rand.Rand) Fault { return Values(falseValues[r.IntN(len(falseValues))]) }},
		{Name: "WithoutLabels", Make: plain(WithoutLabels)},
		{Name: "InvalidUTF8", Make: plain(InvalidUTF8)},
		{Name: "Duplicates", Make: func(r *rand.Rand) Fault { return Duplicates(between(r, 2, 50)) }},
		{Name: "Cut", Make: plain(Cut)},
		{Name: "ContentType", Make: func(*rand.Rand) Fault { return ContentType("text/html") }},
		{Name: "OtherFormat", Make: plain(OtherFormat)},
		{Name: "OtherNodesPods", Make: plain(OtherNodesPods), Lies: true},
		{Name: "UnknownPods", Make: func(r *rand.Rand) Fault { return UnknownPods(between(r, 10, 5000)) }},
		{Name: "ChangingNames", Make: func(r *rand.Rand) Fault { return ChangingNames(between(r, 10, 1000)) }},
		{Name: "ChangingOrder", Make: func(r *rand.Rand) Fault { return ChangingOrder(between(r, 10, 4000)) }},
		{Name: "Clock", Make: func(r *rand.Rand) Fault { return Clock(time.Duration(r.Int64N(int64(2*time.Hour))) - time.Hour) }, Lies: true},
		{Name: "SteppingClock", Make: func(r *rand.Rand) Fault { return SteppingClock(time.Duration(between(r, 1, 3600)) * time.Second) }, Lies: true},
		{Name: "Ancient", Make: plain(Ancient)},
		{Name: "FarFuture", Make: plain(FarFuture)},
		{Name: "ManyContainers", Make: func(r *rand.Rand) Fault { return ManyContainers(between(r, 10, 99_000)) }},
	}
}

// brokenHTTP are responses whose HTTP is wrong or has no end.
func brokenHTTP() []Entry {
	return []Entry{
		{Name: "EndlessHeader", Make: plain(EndlessHeader)},
		{Name: "EndlessHeaderField", Make: plain(EndlessHeaderField)},
		{Name: "EndlessInterim", Make: plain(EndlessInterim)},
		{Name: "EndlessTrailer", Make: plain(EndlessTrailer)},
		{Name: "ChunkSize", Make: func(r *rand.Rand) Fault { return ChunkSize(strings.Repeat("f", between(r, 5, 20))) }},
		{Name: "ChunkExtensions", Make: func(r *rand.Rand) Fault { return ChunkExtensions(between(r, 2, 5_000)) }},
		{Name: "SurplusInChunk", Make: plain(SurplusInChunk)},
		{Name: "SurplusBefore", Make: plain(SurplusBefore)},
		{Name: "SurplusAfter", Make: plain(SurplusAfter)},
		{Name: "WrongLength", Make: func(r *rand.Rand) Fault { return WrongLength(between(r, 1, 1_000) * (1 - 2*r.IntN(2))) }},
		{Name: "HugeLength", Make: plain(HugeLength)},
		{Name: "WithoutLength", Make: plain(WithoutLength)},
		{Name: "Drip", Make: func(r *rand.Rand) Fault { return Drip(time.Duration(between(r, 1, 1_000)) * time.Millisecond) }},
		{Name: "HTTP2Frames", Make: plain(HTTP2Frames)},
	}
}

// brokenTLS are connections whose TLS is wrong, slow or has no end.
func brokenTLS() []Entry {
	return []Entry{
		{Name: "SilentHandshake", Make: plain(SilentHandshake)},
		{Name: "AbortedHandshake", Make: plain(AbortedHandshake)},
		{Name: "OtherCertificate", Make: func(*rand.Rand) Fault { return OtherCertificate(NodeName("node", 0)) }},
		{Name: "ExpiredCertificate", Make: plain(ExpiredCertificate)},
		{Name: "CertificateChain", Make: func(r *rand.Rand) Fault { return CertificateChain(between(r, 1_000, 300_000)) }},
		{Name: "ByteRecords", Make: plain(ByteRecords)},
		{Name: "ByteHandshake", Make: plain(ByteHandshake)},
		{Name: "SessionTickets", Make: func(r *rand.Rand) Fault { return SessionTickets(between(r, 1, 1_000)) }},
		{Name: "SessionTicketsWhileIdle", Make: func(r *rand.Rand) Fault { return SessionTicketsWhileIdle(between(r, 1, 1_000)) }},
		{Name: "KeyUpdates", Make: func(r *rand.Rand) Fault { return KeyUpdates(between(r, 1, 20)) }},
		{Name: "KeyUpdateWhileIdle", Make: plain(KeyUpdateWhileIdle)},
		{Name: "KeyUpdateRequest", Make: plain(KeyUpdateRequest)},
		{Name: "AlertInResponse", Make: plain(AlertInResponse)},
		{Name: "Renegotiation", Make: plain(Renegotiation)},
	}
}

// falseValues are those that no reading can have.
var falseValues = []string{"NaN", "+Inf", "-Inf", "-1", "1e300"}

var statuses = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusNotImplemented, http.StatusBadGateway, http.StatusServiceUnavailable,
}

func plain(fault func() Fault) func(*rand.Rand) Fault {
	return func(*rand.Rand) Fault { return fault() }
}

// between draws a number whose logarithm is evenly spread: small ones are as frequent as large ones.
func between(r *rand.Rand, least, most int) int {
	low, high := math.Log(float64(least)), math.Log(float64(most))
	return int(math.Round(math.Exp(low + r.Float64()*(high-low))))
}

var memorySeries = regexp.MustCompile(`(?m)^([a-z]+_memory_working_set_bytes(?:{.*})?) \S+ `)

// falsified is a healthy body with other values of memory: no node has so much.
func falsified(healthy []byte) []byte {
	text := memorySeries.ReplaceAll(healthy, []byte("${1} 77777777777 "))
	return bytes.ReplaceAll(text, []byte(`"workingSetBytes": `), []byte(`"workingSetBytes": 77777777777`))
}
