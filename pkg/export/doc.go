// Package export brings what the store has published to other systems. It observes the store from behind its queue, and so can delay neither a scrape nor
// an answer.
//
// An exporter makes a [Record] of each change that it observes, with what the cluster knows of the object. The [Encoder] of a sink turns records into
// payloads, a queue that is bounded in bytes holds these, and the [Sender] of the sink delivers one after the other, again and again where that fails.
// Encoders and senders are in the folders of pkg/sink, which also has the language of --sink.
package export
