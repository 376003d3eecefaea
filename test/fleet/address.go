package fleet

import (
	"fmt"
	"net"
)

// Nodes live at 127.10.0.1 and on, without the addresses that end in 0 or 255: some clients take those for networks.
const (
	secondOctet = 10
	perBlock    = 254
	// maxNodes is how many addresses 127.10.0.0/16 has for nodes.
	maxNodes = 256 * perBlock
)

// Address returns the loopback address of the node with the given index, which counts from 0.
func Address(index int) net.IP {
	return net.IPv4(127, secondOctet, byte(index/perBlock), byte(index%perBlock+1)).To4()
}

// NodeName returns the name of the node with the given index, which counts from 0: node-0001 is the first.
func NodeName(prefix string, index int) string {
	return fmt.Sprintf("%s-%04d", prefix, index+1)
}

// nodeIndex is the inverse of Address.
func nodeIndex(addr net.Addr) (int, bool) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return 0, false
	}
	ip := tcp.IP.To4()
	if ip == nil || ip[0] != 127 || ip[1] != secondOctet || ip[3] == 0 || ip[3] == 255 {
		return 0, false
	}
	return int(ip[2])*perBlock + int(ip[3]) - 1, true
}
