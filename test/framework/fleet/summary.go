package fleet

// contentTypeJSON is the content type of a kubelet's summary.
const contentTypeJSON = "application/json"

// Invented sizes of what the fleet does not simulate, in bytes.
const (
	// DiskCapacity is the size of every file system.
	DiskCapacity = 256 << 30
	// LogsUsed is what each container has in logs, and RootFSUsed what each container's own layer has. The node's file system is said to have RootFSUsed too.
	LogsUsed   = 64 << 10
	RootFSUsed = 4 << 20
)

const (
	diskInodes   = 16 << 20
	processLimit = 1 << 22
)

// ContainerDisk is what every container of the fleet has on disk, in bytes: its own layer and its logs.
const ContainerDisk = LogsUsed + RootFSUsed

// summary is one response to /stats/summary as it is written, in the format of k8s.io/kubelet/pkg/apis/stats/v1alpha1.
type summary struct {
	indented
	page *page
	now  int64
	// memory is the node's capacity in bytes.
	memory uint64
	// brief leaves out all but CPU, memory and swap, as only_cpu_and_memory=true does.
	brief, swap bool
	// pressure adds the pressure of CPU and memory.
	pressure bool
}

// summary writes the response to /stats/summary.
func (p *page) summary(n *node, s summary) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	p.read(n, s.now, true)
	s.page, s.b = p, p.body
	s.begin('{')
	s.node(n)
	s.open("pods", '[')
	for i, pod := range n.pods {
		s.pod(n, pod, &p.pods[i])
	}
	s.close(']')
	s.close('}')
	p.body = s.b
}

func (s *summary) node(n *node) {
	l := &s.page.node
	s.open("node", '{')
	s.raw("nodeName", n.quoted)
	s.open("systemContainers", '[')
	s.systemContainer("kubelet", n.boot, n.base.read(n.rhythm, n.readings, s.now))
	s.systemContainer("pods", n.boot, n.used.read(n.rhythm, n.readings, s.now))
	s.close(']')
	s.time("startTime", n.boot)
	s.cpuAndMemory(l, s.memory)
	if !s.brief {
		s.network(l, n.boot)
		s.fs("fs", l.time, RootFSUsed)
		s.open("rlimit", '{')
		s.time("time", s.now)
		s.number("maxpid", processLimit)
		s.number("curproc", uint64(len(n.containers)))
		s.close('}')
	}
	s.swapStats(l)
	s.close('}')
}

func (s *summary) systemContainer(name string, start int64, l cgroupReading) {
	s.open("", '{')
	s.raw("name", `"`+name+`"`)
	s.time("startTime", start)
	s.cpuAndMemory(&l, 0)
	s.swapStats(&l)
	s.close('}')
}

func (s *summary) pod(n *node, p *pod, l *cgroupReading) {
	s.open("", '{')
	s.open("podRef", '{')
	s.raw("name", p.quotedName)
	s.raw("namespace", p.quotedNamespace)
	s.raw("uid", p.quotedID)
	s.close('}')
	s.time("startTime", p.usage.began)
	s.containers(n, p)
	s.cpuAndMemory(l, 0)
	if !s.brief {
		s.network(l, p.usage.began)
		s.fs("ephemeral-storage", s.now, uint64(len(p.containers))*ContainerDisk)
		s.open("process_stats", '{')
		s.number("process_count", uint64(len(p.containers)))
		s.close('}')
	}
	s.swapStats(l)
	s.close('}')
}

func (s *summary) containers(n *node, p *pod) {
	if len(p.containers) == 0 {
		s.raw("containers", "null")
		return
	}
	s.open("containers", '[')
	for _, c := range p.containers {
		l := c.usage.read(c.rhythm, n.readings, s.now)
		s.open("", '{')
		s.raw("name", c.quoted)
		s.time("startTime", c.usage.began)
		s.cpuAndMemory(&l, 0)
		if !s.brief {
			s.fs("rootfs", s.now, RootFSUsed)
			s.fs("logs", s.now, LogsUsed)
		}
		s.swapStats(&l)
		s.close('}')
	}
	s.close(']')
}
