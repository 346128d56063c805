/** Durable creates through TLS and RBAC, asked for by h2load: a client that leaves the cores to the server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiConnection } from './api-client.ts'

export interface CreateFigures {
  readonly clients: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

export interface CreateTarget {
  readonly server: string
  readonly token: string
}

const loadProgram = '/usr/bin/h2load'
const namespace = 'bench'
const account = 'writer'

/** Then it is given up. */
const patienceMs = 120_000

/** Why it cannot be measured here; undefined when it can. */
export const createsMissing = (): string | undefined =>
  existsSync(loadProgram) ? undefined : 'no h2load (Debian: nghttp2-client)'

/**
 * A namespace and an account that may create ConfigMaps there, and nothing else. A thousand clients of one account are
 * more than fairness lets it have at once, and this client does not come back later as it is told: it is exempt.
 */
export async function prepareCreates(api: ApiConnection, server: string): Promise<CreateTarget> {
  const meta = { name: account, namespace }
  const rbac = 'rbac.authorization.k8s.io'
  const path = `/apis/${rbac}/v1/namespaces/${namespace}`
  const post = async (where: string, object: object): Promise<unknown> => {
    const { status, body } = await api.send('POST', where, object)
    if (status !== 201) throw new Error(`${where} answered ${status}: ${JSON.stringify(body)}`)
    return body
  }
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await post(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
    ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta },
  })
  await post(`${path}/roles`, {
    ...{ apiVersion: `${rbac}/v1`, kind: 'Role', metadata: meta },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create'] }],
  })
  await post(`${path}/rolebindings`, {
    ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: meta },
    roleRef: { apiGroup: rbac, kind: 'Role', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
  const flow = 'flowcontrol.apiserver.k8s.io'
  await post(`/apis/${flow}/v1/flowschemas`, {
    ...{ apiVersion: `${flow}/v1`, kind: 'FlowSchema', metadata: { name: account } },
    spec: {
      matchingPrecedence: 2,
      priorityLevelConfiguration: { name: 'exempt' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: meta }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }],
        },
      ],
    },
  })
  const answer = await post(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
    ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
  })
  return { server, token: (answer as { status: { token: string } }).status.token }
}

/** Each client has a connection of its own, and one request at a time; objects weigh 2 KB. */
export async function measureCreates(
  { server, token }: CreateTarget,
  clients: number,
  objects: number,
): Promise<CreateFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-creates-'))
  const [body, log] = [join(folder, 'body.json'), join(folder, 'log')]
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'c-' } }
  writeFileSync(body, JSON.stringify({ ...object, data: { filling: 'x'.repeat(1800) } }))
  try {
    const child = spawn(
      loadProgram,
      [
        ...['-c', String(clients), '-m', '1', '-n', String(objects), '-d', body],
        ...['-H', `authorization: Bearer ${token}`, '-H', 'content-type: application/json', `--log-file=${log}`],
        `${server}/api/v1/namespaces/${namespace}/configmaps`,
      ],
      { stdio: 'ignore', timeout: patienceMs },
    )
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`h2load ended with ${code}`)
    return figuresOf(readFileSync(log, 'utf8'), clients)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A line for each answer: when it was asked for (μs), its status, how long it took (μs). */
function figuresOf(log: string, clients: number): CreateFigures {
  const answers = log
    .trim()
    .split('\n')
    .map((line) => line.split('\t').map(Number))
  let [first, last] = [Infinity, 0]
  for (const [asked = 0, , took = 0] of answers) {
    first = Math.min(first, asked)
    last = Math.max(last, asked + took)
  }
  const tookMs = answers.filter(([, status]) => status === 201).map(([, , took = 0]) => took / 1000)
  tookMs.sort((left, right) => left - right)
  const at = (share: number): number => Math.round((tookMs[Math.floor(tookMs.length * share)] ?? 0) * 100) / 100
  return {
    clients,
    perSecond: Math.round((tookMs.length * 1_000_000) / (last - first)),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    errors: answers.length - tookMs.length,
  }
}
