// Prints, as JSON, what the JavaScript client of Kubernetes reads of the metrics API. Its argument is a kubeconfig.
import { CoreV1Api, KubeConfig, Metrics, topNodes, topPods } from '@kubernetes/client-node';
import { quantityToScalar } from './node_modules/@kubernetes/client-node/dist/util.js';

const config = new KubeConfig();
config.loadFromFile(process.argv[2]);
const core = config.makeApiClient(CoreV1Api);
const metrics = new Metrics(config);

const usage = (u) => ({ cores: Number(quantityToScalar(u.cpu)), bytes: Number(quantityToScalar(u.memory)) });
const current = (s, name) => ({ name, cores: Number(s.cpu.CurrentUsage), bytes: Number(s.memory.CurrentUsage) });

const nodes = (await metrics.getNodeMetrics()).items.map((n) => ({ name: n.metadata.name, ...usage(n.usage) }));
const capacities = (await topNodes(core)).map((n) => ({ name: n.Node.metadata.name, cores: Number(n.CPU.Capacity), bytes: Number(n.Memory.Capacity) }));
const pods = (await topPods(core, metrics)).map((p) => ({
  namespace: p.Pod.metadata.namespace,
  ...current({ cpu: p.CPU, memory: p.Memory }, p.Pod.metadata.name),
  containers: p.Containers.map((c) => current({ cpu: c.CPUUsage, memory: c.MemoryUsage }, c.Container)),
}));
console.log(JSON.stringify({ nodes, capacities, pods }));
