// Has an informer of the JavaScript client hold all PodMetrics, compares it with lists, and prints as JSON what was seen. The arguments are a kubeconfig,
// for how many seconds, and the version of the API.
//
// A list and the informer differ by what happened in between. So a list is compared some seconds later: by then the informer has each object of the list,
// in the version of the list or a later one, unless it was deleted since; and what it has besides was added since.
import { KubeConfig, makeInformer } from '@kubernetes/client-node';

const [kubeconfig, seconds, version] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const path = `/apis/metrics.k8s.io/${version}/pods`;
const behind = 3000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const key = (o) => `${o.metadata.namespace}/${o.metadata.name}`;

async function list() {
  const { fetch } = await import('undici');
  const { RequestContext, HttpMethod } = await import('@kubernetes/client-node');
  const url = config.getCurrentCluster().server + path;
  const context = new RequestContext(url, HttpMethod.GET);
  await config.applySecurityAuthentication(context);
  const response = await fetch(url, { headers: context.getHeaders(), dispatcher: context.getDispatcher() });
  if (response.status !== 200) throw new Error(`list: ${response.status}: ${await response.text()}`);
  return response.json();
}

const seen = { lists: 0, connects: 0, adds: 0, updates: 0, deletes: 0, compared: 0, objects: 0, errors: [], differences: [] };
const added = new Map();
const deleted = new Map();
const informer = makeInformer(config, path, () => {
  seen.lists++;
  return list();
});
informer.on('connect', () => seen.connects++);
informer.on('add', (o) => {
  seen.adds++;
  added.set(key(o), Date.now());
});
informer.on('update', () => seen.updates++);
informer.on('delete', (o) => {
  seen.deletes++;
  deleted.set(key(o), Date.now());
});
informer.on('error', async (err) => {
  seen.errors.push(String(err));
  await sleep(1000);
  await informer.start();
});
await informer.start();

const end = Date.now() + 1000 * Number(seconds);
while (Date.now() < end) {
  const asked = Date.now();
  const wanted = (await list()).items;
  await sleep(behind);
  const held = new Map(informer.list().map((o) => [key(o), o]));
  for (const o of wanted) {
    const own = held.get(key(o));
    held.delete(key(o));
    if (own === undefined) {
      if (!(deleted.get(key(o)) >= asked)) seen.differences.push(`${key(o)} is missing`);
    } else if (BigInt(own.metadata.resourceVersion) < BigInt(o.metadata.resourceVersion)) {
      seen.differences.push(`${key(o)} has version ${own.metadata.resourceVersion}, the list ${o.metadata.resourceVersion}`);
    } else if (own.metadata.resourceVersion === o.metadata.resourceVersion && JSON.stringify(own.containers) !== JSON.stringify(o.containers)) {
      seen.differences.push(`${key(o)} has other usage in the same version`);
    }
  }
  for (const k of held.keys()) {
    if (!(added.get(k) >= asked)) seen.differences.push(`${k} is in no list`);
  }
  seen.compared++;
  seen.objects += wanted.length;
}
await informer.stop();
console.log(JSON.stringify(seen));
process.exit(0);
