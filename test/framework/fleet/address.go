package fleet

import (
	"fmt"
	"net"
)

const (
	// defaultBlock is the block of a fleet whose options name none, firstBlock and lastBlock bound the choice: 127.0.0.0/16 is where
	// everything else of a machine listens.
	defaultBlock, firstBlock, lastBlock = 10, 1, 254
	// perNetwork leaves out the addresses that end in 0 or 255: some clients take those for networks.
	perNetwork = 254
	// maxNodes is how many addresses a block has for nodes.
	maxNodes = 256 * perNetwork
)

// block is the second octet of a fleet's addresses, which are 127.<block>.0.1 and on.
type block byte

// address returns the address of the node with the given index, which counts from 0.
func (b block) address(index int) net.IP {
	return net.IPv4(127, byte(b), byte(index/perNetwork), byte(index%perNetwork+1)).To4()
}

// index is the inverse of address. It is false for what is no address of a node in this block.
func (b block) index(addr net.Addr) (int, bool) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return 0, false
	}
	ip := tcp.IP.To4()
	if ip == nil || ip[0] != 127 || ip[1] != byte(b) || ip[3] == 0 || ip[3] == 255 {
		return 0, false
	}
	return int(ip[2])*perNetwork + int(ip[3]) - 1, true
}

// Address returns the loopback address of the node with the given index, which counts from 0.
func (f *Fleet) Address(index int) net.IP { return f.block().address(index) }

// NodeName returns the name of the node with the given index, which counts from 0: node-0001 is the first.
func NodeName(prefix string, index int) string {
	return fmt.Sprintf("%s-%04d", prefix, index+1)
}

func (f *Fleet) block() block { return block(f.options.Block) }
