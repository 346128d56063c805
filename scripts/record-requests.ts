/**
 * Writes down what kubectl and @kubernetes/client-node send in a typical session: `node scripts/record-requests.ts`.
 * The answers that stand beside are to be read over before they are committed.
 */
import { AppsV1Api, CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../src-main/lib/system-clock.ts'
import { startTestServer } from '../test/support/api-server.ts'
import { kubectlVersions } from '../test/support/kubectl.ts'
import { recording, sessionOn, type RecordedRequest } from '../test/support/recorded-requests.ts'
import { openTlsLab, type TlsLab } from '../test/support/tls-lab.ts'

const folder = join(import.meta.dirname, '../test/fixtures/recorded')

const deployment = (replicas: number, name = 'app'): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'app' } },
      template: { metadata: { labels: { app: 'app' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  })

const session: readonly (readonly [args: string, stdin?: string])[] = [
  ['version'],
  ['api-resources'],
  ['get --raw /readyz'],
  ['create namespace other'],
  ['create deployment web --image=nginx --replicas=2'],
  ['get deployments,pods'],
  ['get deployment web -o yaml'],
  ['get deployment web --subresource=scale'],
  ['patch deployment web --subresource=scale --type=merge -p {"spec":{"replicas":2}}'],
  ['get pods --watch-only --request-timeout=1s'],
  ['get pods -A -o wide'],
  ['describe deployment web'],
  ['scale deployment web --replicas=3'],
  ['annotate deployment web a=b'],
  ['label deployment web c=d'],
  ['set image deployment/web nginx=nginx:2'],
  ['patch deployment web -p {"spec":{"paused":true}}'],
  ['patch deployment web --type=merge -p {"spec":{"paused":false}}'],
  ['patch deployment web --type=json -p [{"op":"test","path":"/spec/replicas","value":99}]'],
  ['apply -f -', deployment(1)],
  ['diff -f -', deployment(2)],
  ['apply -f -', deployment(2)],
  ['apply --server-side -f -', deployment(3, 'served')],
  ['apply --server-side --field-manager=other -f -', deployment(4, 'served')],
  ['apply --server-side --field-manager=other --force-conflicts -f -', deployment(4, 'served')],
  ['replace -f -', deployment(5)],
  ['create configmap settings --from-literal=a=b'],
  ['create configmap dry --from-literal=a=b --dry-run=server'],
  ['create -f -', deployment(5)],
  ['create secret generic hidden --from-literal=a=b'],
  ['create serviceaccount robot'],
  ['create role reader --verb=get --resource=pods'],
  ['create rolebinding readers --role=reader --serviceaccount=default:robot'],
  ['auth can-i create pods'],
  ['auth can-i get pods --as=system:serviceaccount:default:robot'],
  ['auth whoami'],
  ['explain deployment.spec.strategy'],
  ['expose deployment web --port=80'],
  ['get events'],
  ['get configmap none'],
  ['wait deployment/app --for=jsonpath={.spec.replicas}=5 --timeout=5s'],
  ['rollout history deployment/web'],
  ['delete configmap settings --dry-run=server'],
  ['delete configmap settings'],
  ['delete deployment web app --cascade=orphan --wait=false'],
]

async function recorded<T>(run: (lab: TlsLab, url: string) => Promise<T>): Promise<[RecordedRequest[], T]> {
  const test = await startTestServer({ clock: systemClock })
  const lab = await openTlsLab()
  const records: RecordedRequest[] = []
  try {
    const { url } = await lab.start(recording(await sessionOn(test, systemClock), records))
    return [records, await run(lab, url)]
  } finally {
    await lab.dispose()
    await test.server.dispose()
  }
}

/** Gives the minor version of the kubectl that it has used, by which the record is named. */
async function kubectlSession(lab: TlsLab): Promise<string> {
  const version = [...kubectlVersions().keys()].at(-1)
  if (version === undefined) throw new Error('no kubectl on this machine')
  const kubectl = lab.kubectl(version)
  for (const [args, stdin] of session) await kubectl.try(args.split(' '), stdin)
  const { clientVersion } = JSON.parse(await kubectl.run(['version', '--client', '-o', 'json'])) as ClientVersion
  return `${clientVersion.major}.${clientVersion.minor}`
}

interface ClientVersion {
  readonly clientVersion: { readonly major: string; readonly minor: string }
}

async function clientNodeSession({ pki }: TlsLab, url: string): Promise<void> {
  const config = new KubeConfig()
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  config.loadFromOptions({
    clusters: [{ name: 'lab', server: url, caData: base64(pki.ca) }],
    users: [{ name: 'admin', certData: base64(pki.admin.certificate), keyData: base64(pki.admin.key) }],
    contexts: [{ name: 'lab', cluster: 'lab', user: 'admin' }],
    currentContext: 'lab',
  })
  const core = config.makeApiClient(CoreV1Api)
  const apps = config.makeApiClient(AppsV1Api)
  const namespace = 'default'
  await core.listNamespace()
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'a' }, data: { k: 'v' } } })
  await core.readNamespacedConfigMap({ namespace, name: 'a' })
  await core.replaceNamespacedConfigMap({ namespace, name: 'a', body: { metadata: { name: 'a' }, data: { k: 'w' } } })
  await core.patchNamespacedConfigMap({ namespace, name: 'a', body: [{ op: 'add', path: '/data/x', value: 'y' }] })
  await core.readNamespacedConfigMap({ namespace, name: 'none' }).catch(() => undefined)
  await apps.createNamespacedDeployment({ namespace, body: JSON.parse(deployment(1)) })
  await apps.readNamespacedDeploymentScale({ namespace, name: 'app' })
  await new Promise<void>((resolve, reject) => {
    const watching = new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      {},
      () => void watching.then((request) => request.abort()).then(resolve, reject),
      () => undefined,
    )
  })
  await core.deleteNamespacedConfigMap({ namespace, name: 'a' })
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'a=b' })
}

const write = (name: string, records: readonly RecordedRequest[]): Promise<void> =>
  writeFile(join(folder, name), `[\n${records.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`)

const [ofKubectl, minor] = await recorded(kubectlSession)
await write(`kubectl-${minor}.json`, ofKubectl)
const [ofClientNode] = await recorded(clientNodeSession)
await write('client-node.json', ofClientNode)
