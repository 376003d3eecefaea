package fleet

import "fmt"

// ContentType returns healthy bodies under another content type.
func ContentType(contentType string) Fault {
	return Fault{name: fmt.Sprintf("the content type %q", contentType), serve: func(x *exchange) {
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		x.render(p)
		x.send(contentType, p.body)
	}}
}

// OtherFormat returns at /metrics/resource the healthy summary, and at /stats/summary the healthy text, under the content type of the endpoint.
func OtherFormat() Fault {
	return Fault{name: "the other endpoint's format", serve: func(x *exchange) {
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		asked, contentType := x.path, contentTypeText
		if x.path = PathResource; asked == PathResource {
			x.path = PathSummary
		} else {
			contentType = contentTypeJSON
		}
		x.renderUnlogged(p)
		x.path = asked
		x.send(contentType, p.body)
	}}
}
