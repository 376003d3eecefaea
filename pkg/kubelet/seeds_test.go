package kubelet_test

import "strings"

// seed is an input of FuzzResponse.
type seed struct {
	first, idle, second, third []byte
	flags                      byte
}

// fine is a healthy response.
const fine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"

// seeds are one or more inputs for each attack on HTTP and TLS.
func seeds() (list []seed) {
	for _, first := range malformed() {
		list = append(list,
			seed{first: []byte(first), second: []byte(fine), third: []byte(fine)},
			seed{first: []byte(first), second: []byte(fine), third: []byte(fine), flags: firstEnds},
			seed{first: []byte(fine), second: []byte(first), third: []byte(fine), flags: secondEnds},
			seed{first: []byte(first), flags: secure})
	}
	for _, idle := range []string{fine, "H", "\r\n", "\x00", "HTTP/1.1 102 Processing\r\n\r\n", "0\r\n\r\n"} {
		list = append(list, seed{first: []byte(fine), idle: []byte(idle), second: []byte(fine), third: []byte(fine)})
	}
	for _, endless := range []string{
		"HTTP/1.1 102 Processing\r\n\r\n", "A: b\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
		"\x00\x00\x00\x04\x00\x00\x00\x00\x00", fine, "\n", "a", "1;x\r\na\r\n",
	} {
		list = append(list,
			seed{first: []byte(endless), second: []byte(fine), third: []byte(fine), flags: firstEndless},
			seed{first: []byte(fine), second: []byte(endless), third: []byte(fine), flags: secondEndless},
			seed{first: []byte(endless), flags: firstEndless | secure})
	}
	return append(list, handshakes()...)
}

// malformed are responses that are not as they should be, and some that are.
func malformed() []string {
	const ok, chunks = "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	return []string{
		"", "H", fine, ok + "\r\nuntil the end", "HTTP/1.0 200 OK\r\n\r\nuntil the end", "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nfine", "HTTP/0.9 200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\nContent-Length: 4\r\n\r\nfine",
		"\x00\x00\x00\x04\x00\x00\x00\x00\x00", "SSH-2.0\r\n\r\n", "\r\n" + fine, "surplus\r\n" + fine, fine + fine, fine + "surplus", fine + "\r\n",
		ok + strings.Repeat("A: b\r\n", 12_000) + "\r\n", ok + "A: " + strings.Repeat("b", 70_000), strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 6) + fine,
		"HTTP/1.1 102 Processing\r\n\r\n" + fine, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + fine,
		"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n" + fine, "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nfine",
		"HTTP/1.1 500 Error\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("a", 5000), "HTTP/1.1 000 x\r\n\r\n", "HTTP/1.1 999\r\nContent-Length: 0\r\n\r\n",
		ok + "Content-Length: 9\r\n\r\nfine", ok + "Content-Length: 2\r\n\r\nfine", ok + "Content-Length: 9223372036854775807\r\n\r\nfine", ok + "Content-Length: -1\r\n\r\n",
		ok + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nfine", ok + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n",
		ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", ok + "Connection: close\r\nContent-Length: 4\r\n\r\nfine", ok + "Content-Length: 4\r\n\r\nfine\x00",
		chunks + "4\r\nfine\r\n0\r\n\r\n", chunks + "4\r\nfine\r\n0\r\n\r\n" + fine, chunks + "ffffffffffffffff\r\nfine", chunks + "10000000000000000\r\nfine", chunks + "-4\r\nfine", chunks + "-4\r\n", "HTTP/1.1 500 Error\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("a", 4096),
		chunks + "4;" + strings.Repeat("x", 5000) + "\r\nfine\r\n0\r\n\r\n", chunks + strings.Repeat("1;"+strings.Repeat("x", 100)+"\r\na\r\n", 300) + "0\r\n\r\n",
		chunks + "4\r\nfinesurplus\r\n0\r\n\r\n", chunks + "4\r\nfine\r\n0\r\nA: b\r\n\r\n", chunks + "4\r\nfine\r\n0\r\n" + strings.Repeat("A: b\r\n", 1000) + "\r\n",
		chunks + strings.Repeat("1\r\na\r\n", 9000) + "0\r\n\r\n", chunks + "4\nfine\n0\n\n", "HTTP/1.1 200 OK\nContent-Length: 4\n\nfine",
	}
}

// handshakes are the first bytes of a server of TLS.
func handshakes() (list []seed) {
	for _, first := range []string{
		"\x15\x03\x03\x00\x02\x02\x28", "\x15\x03\x03\x00\x02\x01\x00", "\x16\x03\x03\x00\x01\x02", "\x16\x03\x03\xff\xff", "\x17\x03\x03\x00\x02ab", "\x14\x03\x03\x00\x01\x01",
		"\x16\x03\x03\x00\x04\x00\x00\x00\x00", "\x80\x2e\x01\x03\x01", "\x16\x03\x03\x00\x04\x0b\xff\xff\xff", "HTTP/1.1 400 Bad Request\r\n\r\n",
		"\x16\x03\x03\x00\x2c\x02\x00\x00\x28\x03\x03" + strings.Repeat("r", 32) + "\x00\x13\x01\x00\x00\x00",
	} {
		for _, flags := range []byte{secure, secure | firstEnds, secure | firstEndless} {
			list = append(list, seed{first: []byte(first), flags: flags})
		}
	}
	return list
}
