package sample

// Details are readings of a node, a pod or a container that only the full summary has, in bytes. They are not served.
type Details struct {
	// Memory is what is in use, with all caches.
	Memory Reading
	// Received and Sent are what the network has brought and taken since the start, of a node or a pod.
	Received, Sent Reading
	// Filesystem is what is used, and FilesystemLimit what there is: of the root file system of a node, of the writable layer of a container, and of all that
	// counts as the ephemeral storage of a pod.
	Filesystem, FilesystemLimit Reading
	// Logs are those of a container, and LogsLimit is what their file system has.
	Logs, LogsLimit Reading
}

// DetailCount is how many readings there are in Details.
const DetailCount = 7

// Readings are all of them, in the order of the fields.
func (d *Details) Readings() [DetailCount]*Reading {
	return [...]*Reading{&d.Memory, &d.Received, &d.Sent, &d.Filesystem, &d.FilesystemLimit, &d.Logs, &d.LogsLimit}
}

func (d *Details) stamp(sentAt int64) {
	if d == nil {
		return
	}
	for _, r := range d.Readings() {
		r.stamp(sentAt)
	}
}
