/** As whom containers run, what they may do, and which tokens they are given. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { PodSpec, SecurityContext } from '../../../src-main/api/types/core-v1.ts'
import { busybox, shell, type CaseBook, type Told } from '../../support/case-book.ts'
import { nodeForPods } from '../../support/node-in-pod.ts'

const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const secure = (title: string, securityContext: SecurityContext, command: string, says: Told['says']): Told => ({
  title,
  container: { command: ['sh', '-c', command], securityContext },
  says,
})

export function securityCases(book: CaseBook): void {
  users(book)
  sysctls(book)
  tokens(book)
  automount(book)
  runtimeClasses(book)
}

function users(book: CaseBook): void {
  const write = 'echo x > /file && echo written || echo refused'
  book.told('secure', {}, [
    secure('runs as the user that it is to run as', { runAsUser: 65534 }, 'id -u', [/^65534$/m]),
    secure('runs as root where nobody says otherwise', { runAsUser: 0 }, 'id -u', [/^0$/m]),
    secure('runs as its user and group', { runAsUser: 1001, runAsGroup: 2002 }, 'id', [/^uid=1001 gid=2002/]),
    secure(
      'may not add a network device without privileges',
      { privileged: false },
      'ip link add dummy0 type dummy && echo added || echo refused',
      [/^refused$/m],
    ),
    secure('writes to its root file system', { readOnlyRootFilesystem: false }, write, [/^written$/m]),
    secure('does not write to a root file system that is read only', { readOnlyRootFilesystem: true }, write, [
      // The two streams of a container have no order between them.
      /Read-only file system$/m,
      /^refused$/m,
    ]),
    secure(
      'gains no privileges that it may not have',
      { allowPrivilegeEscalation: false, runAsUser: 1000 },
      'id -u; grep NoNewPrivs /proc/self/status',
      [/^1000$/m, /^NoNewPrivs:\t1$/m],
    ),
    secure('may gain privileges otherwise', { runAsUser: 1000 }, 'grep NoNewPrivs /proc/self/status', [
      /^NoNewPrivs:\t0$/m,
    ]),
  ])
  book.told('secure-pod', { securityContext: { runAsUser: 1001, runAsGroup: 2002, supplementalGroups: [3003] } }, [
    {
      title: 'runs as the user and group of its pod',
      container: { command: ['id'] },
      says: [/^uid=1001 gid=2002/, /3003/],
    },
  ])
}

function sysctls(book: CaseBook): void {
  const set = (...sysctls: { name: string; value: string }[]): PodSpec => ({
    ...{ restartPolicy: 'Never', securityContext: { sysctls } },
    containers: [shell('main', 'cat /proc/sys/kernel/shm_rmid_forced')],
  })
  const pod = book.pod('sysctl', set({ name: 'kernel.shm_rmid_forced', value: '1' }))
  book.story('has the kernel parameters of its pod', async () => {
    expect((await pod.ended()).status.phase).toBe('Succeeded')
    expect(await pod.log()).toBe('1\n')
  })
  const unsafe = book.pod('sysctl-unsafe', set({ name: 'kernel.msgmax', value: '10000000000' }))
  book.story('is not run with kernel parameters that its node does not allow', async () => {
    const { status } = await unsafe.ended()
    expect([status.phase, status.reason]).toEqual(['Failed', 'SysctlForbidden'])
    expect(status.message).toBe('Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted')
  })
  book.story('is not made with kernel parameters that cannot be', async () => {
    const names = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..']
    const spec = set(...names.map((name) => ({ name, value: '1' })))
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sysctl-wrong' }, spec }
    const { code, object } = await book.door.ask('POST', book.path('pods'), { body })
    expect(code).toBe(422)
    const fields = (object.details.causes as { field: string }[]).map(({ field }) => field)
    expect(fields).toEqual(['spec.securityContext.sysctls[0].name', 'spec.securityContext.sysctls[3].name'])
  })
}

function tokens(book: CaseBook): void {
  const files = ['token', 'ca.crt', 'namespace']
  const mounted = book.pod('account-files', {
    restartPolicy: 'Never',
    containers: files.map((file) => shell(file.replace('.', '-'), `cat ${accountPath}/${file}`)),
  })
  book.story('finds the token, the authority and the namespace of its account', async () => {
    await mounted.ended()
    const [token = '', authority = '', namespace = ''] = await Promise.all(
      files.map((file) => mounted.log(file.replace('.', '-'))),
    )
    const { metadata } = await mounted.get()
    const review = await book.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    })
    expect(review.status.user.username).toBe('system:serviceaccount:cases:default')
    expect(review.status.user.extra['authentication.kubernetes.io/pod-uid']).toEqual([metadata.uid])
    const { data } = await book.ask('GET', book.path('configmaps/kube-root-ca.crt'))
    expect(authority).toBe(data['ca.crt'])
    expect(namespace).toBe('cases')
  })

  const data = { 'check-token.mjs': readFileSync(join(import.meta.dirname, '../../fixtures/check-token.mjs'), 'utf8') }
  book.needs({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'check-token' }, data })
  const checking = book.pod('checks-token', {
    restartPolicy: 'Never',
    containers: [
      {
        ...{ name: 'main', image: busybox, command: [nodeForPods.program, '/scripts/check-token.mjs', accountPath] },
        env: [{ name: 'NODE_EXTRA_CA_CERTS', value: `${accountPath}/ca.crt` }],
        volumeMounts: [...nodeForPods.mounts, { name: 'scripts', mountPath: '/scripts' }],
      },
    ],
    volumes: [...nodeForPods.volumes, { name: 'scripts', configMap: { name: 'check-token' } }],
  })
  book.story('checks the token of its account by the documents of its issuer', async () => {
    await checking.ended()
    expect(JSON.parse(await checking.log())).toMatchObject({
      genuine: true,
      forged: false,
      subject: 'system:serviceaccount:cases:default',
    })
  })

  const projected = book.pod('projected-token', {
    ...{ restartPolicy: 'Never', securityContext: { runAsUser: 1000, fsGroup: 10_000 } },
    volumes: [
      {
        name: 'v',
        projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'vault', expirationSeconds: 7200 } }] },
      },
    ],
    containers: [shell('main', 'cat /v/t', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
  })
  book.story('mounts a token for an audience, a time and its pod', async () => {
    const { metadata, spec } = await projected.ended()
    const [, payload = ''] = (await projected.log()).split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    const { aud, exp, iat, sub } = claims as { aud: string[]; exp: number; iat: number; sub: string }
    expect([aud, exp - iat, sub]).toEqual([['vault'], 7200, 'system:serviceaccount:cases:default'])
    expect(claims['kubernetes.io']).toMatchObject({
      ...{ namespace: 'cases', pod: { name: 'projected-token', uid: metadata.uid }, node: { name: spec.nodeName } },
    })
  })
}

function automount(book: CaseBook): void {
  const wishes = { unset: undefined, yes: true, no: false }
  const entries = Object.entries(wishes)
  const set = (value: boolean | undefined): object =>
    value === undefined ? {} : { automountServiceAccountToken: value }
  for (const [name, value] of entries)
    book.needs({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: `mount-${name}` }, ...set(value) })
  const pods = entries.flatMap(([pod, podValue]) =>
    entries.map(([account, accountValue]) => ({
      wanted: podValue ?? accountValue ?? true,
      pod: book.pod(`mount-${pod}-${account}`, {
        ...{ restartPolicy: 'Never', serviceAccountName: `mount-${account}`, ...set(podValue) },
        containers: [shell('main', `test -s ${accountPath}/token && echo mounted || echo nothing`)],
      }),
    })),
  )
  book.story('mounts the token of its account unless the pod, or else the account, does not want it', async () => {
    for (const { pod, wanted } of pods) {
      await pod.ended()
      expect(await pod.log(), pod.name).toBe(wanted ? 'mounted\n' : 'nothing\n')
    }
  })
}

function runtimeClasses(book: CaseBook): void {
  const overhead = { podFixed: { cpu: '10m', memory: '1Mi' } }
  const make = (name: string, rest: object = {}): object => ({
    ...{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: 'docker' },
    ...rest,
  })
  book.needs(make('plain'), make('heavy', { overhead }), make('short-lived'))
  const spec = (runtimeClassName: string): PodSpec => ({ runtimeClassName, containers: [shell('main', 'sleep 600')] })
  const plain = book.pod('class-plain', spec('plain'))
  const heavy = book.pod('class-heavy', spec('heavy'))
  book.story('is given a node with a runtime class that is there', async () => {
    const { status } = await plain.until('scheduled', (pod) => pod.spec.nodeName !== undefined)
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', status: 'True' }))
  })
  book.story('carries the overhead of its runtime class', async () => {
    const live = await heavy.until('scheduled', (pod) => pod.spec.nodeName !== undefined)
    expect(live.spec.overhead).toEqual(overhead.podFixed)
  })
  book.story('is refused with a runtime class that is not there, or not any more', async () => {
    expect((await book.door.ask('DELETE', '/apis/node.k8s.io/v1/runtimeclasses/short-lived')).code).toBe(200)
    for (const name of ['short-lived', 'never-there']) {
      const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `class-${name}` }, spec: spec(name) }
      const { code, object } = await book.door.ask('POST', book.path('pods'), { body })
      expect(code).toBe(403)
      expect(object.message).toContain(`RuntimeClass "${name}" not found`)
    }
  })
}
