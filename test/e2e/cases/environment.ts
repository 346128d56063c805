/** What a container is told: its variables, its command line, its names. */
import { expect } from 'vitest'
import type { Container, EnvVar } from '../../../src-main/api/types/core-v1.ts'
import { busybox, containerOf, shell, web, type CaseBook } from '../../support/case-book.ts'

/** Every printable character but `=` may begin a variable's name. */
const prefixes = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter((one) => one !== '=')

const field = (name: string, fieldPath: string): EnvVar => ({ name, valueFrom: { fieldRef: { fieldPath } } })
const amount = (name: string, resource: string, divisor?: string): EnvVar => ({
  name,
  valueFrom: { resourceFieldRef: { resource, ...(divisor === undefined ? {} : { divisor }) } },
})

export function environmentCases(book: CaseBook): void {
  const metadata = { name: 'told' }
  book.needs(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'data-1': 'value-1', 'data-2': 'value-2' } },
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { 'data-1': 'secret-1', 'data-2': 'secret-2' } },
  )
  const env = (variables: Container['env'], rest: Partial<Container> = {}): Partial<Container> => ({
    command: ['env'],
    ...(variables === undefined ? {} : { env: variables }),
    ...rest,
  })
  const both = { limits: { cpu: '1250m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } }
  const four = [
    amount('CPU_LIMIT', 'limits.cpu'),
    amount('MEMORY_LIMIT', 'limits.memory'),
    amount('CPU_REQUEST', 'requests.cpu', '1m'),
    amount('MEMORY_REQUEST', 'requests.memory'),
  ]

  book.told('environment', {}, [
    {
      title: 'has a value of a config map',
      container: env([{ name: 'ONE', valueFrom: { configMapKeyRef: { name: 'told', key: 'data-1' } } }]),
      says: [/^ONE=value-1$/m],
    },
    {
      title: 'has all values of a config map, under any prefix',
      container: env([], {
        envFrom: [
          { configMapRef: { name: 'told' } },
          ...prefixes.map((prefix) => ({ prefix, configMapRef: { name: 'told' } })),
        ],
      }),
      says: ['', ...prefixes].flatMap((prefix) => [`\n${prefix}data-1=value-1\n`, `\n${prefix}data-2=value-2\n`]),
    },
    {
      title: 'has a value of a secret',
      container: env([{ name: 'ONE', valueFrom: { secretKeyRef: { name: 'told', key: 'data-1' } } }]),
      says: [/^ONE=secret-1$/m],
    },
    {
      title: 'has all values of a secret, under any prefix',
      container: env([], {
        envFrom: [
          { secretRef: { name: 'told' } },
          ...prefixes.map((prefix) => ({ prefix, secretRef: { name: 'told' } })),
        ],
      }),
      says: ['', ...prefixes].flatMap((prefix) => [`\n${prefix}data-1=secret-1\n`, `\n${prefix}data-2=secret-2\n`]),
    },
    {
      title: 'has its limits and requests',
      container: env(four, { resources: both }),
      says: [/^CPU_LIMIT=2$/m, /^MEMORY_LIMIT=67108864$/m, /^CPU_REQUEST=250$/m, /^MEMORY_REQUEST=33554432$/m],
    },
    {
      title: 'has what the node can give where it has no limit',
      container: env([amount('CPU_LIMIT', 'limits.cpu'), amount('MEMORY_LIMIT', 'limits.memory')]),
      says: [/^CPU_LIMIT=[1-9]\d*$/m, /^MEMORY_LIMIT=[1-9]\d{8,}$/m],
    },
    {
      title: 'has variables made of earlier ones',
      container: env([
        { name: 'FOO', value: 'foo-value' },
        { name: 'BAR', value: 'bar-value' },
        { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
        { name: 'NOT', value: '$$(FOO) $(NOWHERE)' },
      ]),
      says: [
        /^FOO=foo-value$/m,
        /^BAR=bar-value$/m,
        /^FOOBAR=foo-value;;bar-value$/m,
        /^NOT=\$\(FOO\) \$\(NOWHERE\)$/m,
      ],
    },
    {
      title: 'has variables in its command',
      container: {
        command: ['sh', '-c', 'TEST_VAR=wrong echo "$(TEST_VAR)"'],
        env: [{ name: 'TEST_VAR', value: 'test-value' }],
      },
      says: [/^test-value$/m],
    },
    {
      title: 'has variables in its arguments',
      container: {
        command: ['sh', '-c'],
        args: ['TEST_VAR=wrong echo "$(TEST_VAR)"'],
        env: [{ name: 'TEST_VAR', value: 'test-value' }],
      },
      says: [/^test-value$/m],
    },
    {
      title: 'runs the arguments of the pod instead of those of the image',
      container: { args: ['echo', 'override', 'arguments'] },
      says: [/^override arguments$/m],
    },
    {
      title: 'runs the command and the arguments of the pod instead of those of the image',
      container: { command: ['echo'], args: ['override', 'both'] },
      says: [/^override both$/m],
    },
    {
      title: 'runs the command of the pod without the arguments of the image',
      container: { command: ['echo'] },
      says: [/^\n$/],
    },
  ])

  const own = book.pod('own-face', {
    restartPolicy: 'Never',
    containers: [
      {
        ...{ name: 'main', image: busybox, command: ['env'] },
        env: [
          field('POD_NAME', 'metadata.name'),
          field('POD_NAMESPACE', 'metadata.namespace'),
          field('POD_UID', 'metadata.uid'),
          field('POD_IP', 'status.podIP'),
          field('HOST_IP', 'status.hostIP'),
          field('HOST_IPS', 'status.hostIPs'),
        ],
      },
    ],
  })
  book.story('has the names and addresses of its pod', async () => {
    const { metadata: meta, status } = await own.ended()
    const lines = (await own.log()).split('\n')
    expect(status.podIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    expect(status.hostIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    for (const line of [
      ...['POD_NAME=own-face', 'POD_NAMESPACE=cases', `POD_UID=${meta.uid}`, `POD_IP=${status.podIP}`],
      ...[`HOST_IP=${status.hostIP}`, `HOST_IPS=${status.hostIPs?.map(({ ip }) => ip).join(',')}`],
    ])
      expect(lines).toContain(line)
  })

  const plainWeb = book.pod('image-defaults', { containers: [{ name: 'main', image: web }] })
  book.story('runs the command of the image where the pod has none', async () => {
    await plainWeb.ready()
    await expect(plainWeb.sh('timeout 5 wget -qO- http://127.0.0.1/')).resolves.toBe('image-defaults\n')
  })

  book.needs({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'fooservice' } },
    spec: { selector: { app: 'foo' }, ports: [{ port: 8765, targetPort: 8080 }] },
  })
  book.story('has the variables of services', async () => {
    const log = await book.casePod('own-face').log()
    const service = await book.ask('GET', book.path('services/fooservice'))
    const address = String(service.spec.clusterIP)
    for (const line of [
      ...[`FOOSERVICE_SERVICE_HOST=${address}`, 'FOOSERVICE_SERVICE_PORT=8765'],
      ...[`FOOSERVICE_PORT=tcp://${address}:8765`, `FOOSERVICE_PORT_8765_TCP=tcp://${address}:8765`],
      ...['FOOSERVICE_PORT_8765_TCP_PROTO=tcp', 'FOOSERVICE_PORT_8765_TCP_PORT=8765'],
      ...[`FOOSERVICE_PORT_8765_TCP_ADDR=${address}`],
    ])
      expect(log.split('\n')).toContain(line)
  })

  book.story('accepts no empty key in a config map or secret', async () => {
    for (const kind of ['configmaps', 'secrets']) {
      const body = { apiVersion: 'v1', kind: kind === 'secrets' ? 'Secret' : 'ConfigMap', metadata: { name: 'empty' } }
      const data = { '': kind === 'secrets' ? 'dmFsdWU=' : 'value' }
      const reply = await book.door.ask('POST', book.path(kind), { body: { ...body, data } })
      expect(reply.code).toBe(422)
    }
  })

  const aliases = book.pod('aliases', {
    ...{ restartPolicy: 'Never', hostAliases: [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }] },
    containers: [shell('main', 'cat /etc/hosts')],
  })
  book.story('finds the aliases of its pod in /etc/hosts', async () => {
    await aliases.ended()
    expect(await aliases.log()).toMatch(/^123\.45\.67\.89\tfoo\tbar$/m)
  })

  const sleeps = 'sleep 3600'
  const hosts = book.pod('hosts', {
    containers: [
      ...['managed-1', 'managed-2'].map((name) => shell(name, sleeps)),
      shell('own', sleeps, { volumeMounts: [{ name: 'own', mountPath: '/etc/hosts' }] }),
    ],
    volumes: [{ name: 'own', hostPath: { path: '/etc/hosts', type: 'File' } }],
  })
  const hostNetwork = book.pod('hosts-of-node', {
    hostNetwork: true,
    containers: ['node-1', 'node-2'].map((name) => shell(name, sleeps)),
  })
  book.story('finds /etc/hosts managed unless it mounts its own or shares its network with the node', async () => {
    await Promise.all([hosts.ready(), hostNetwork.ready()])
    const head = (pod: typeof hosts, name: string): Promise<string> => pod.sh('head -1 /etc/hosts', name)
    const managed = '# Kubernetes-managed hosts file.\n'
    for (const name of ['managed-1', 'managed-2']) await expect(head(hosts, name)).resolves.toBe(managed)
    await expect(head(hosts, 'own')).resolves.not.toBe(managed)
    for (const name of ['node-1', 'node-2']) await expect(head(hostNetwork, name)).resolves.not.toBe(managed)
  })

  subPathCases(book)
}

/** Sub paths of volumes that are made of variables. */
function subPathCases(book: CaseBook): void {
  const volumes = [{ name: 'work', emptyDir: {} }]
  const mount = (subPathExpr: string, mountPath = '/sub'): object => ({ name: 'work', mountPath, subPathExpr })

  const written = book.pod(
    'sub-path',
    {
      ...{ restartPolicy: 'Never', volumes },
      containers: [
        shell('main', 'test -d /all/foo/sub-path && echo test > /sub/file && cat /all/foo/sub-path/file', {
          env: [field('POD_NAME', 'metadata.name'), field('ANNOTATION', "metadata.annotations['mysubpath']")],
          volumeMounts: [mount('$(ANNOTATION)/$(POD_NAME)'), { name: 'work', mountPath: '/all' }] as never,
        }),
      ],
    },
    { annotations: { mysubpath: 'foo' } },
  )
  book.story('mounts, and writes into, the sub path that its variables make', async () => {
    expect((await written.ended()).status.phase).toBe('Succeeded')
    expect(await written.log()).toBe('test\n')
    // Its end does not need the expansion.
    await book.patch(book.path('pods/sub-path'), { metadata: { annotations: { mysubpath: '../..' } } })
    await book.remove('pods/sub-path')
  })

  const wrong = { backwards: '..', absolute: '/tmp', unknown: undefined }
  const refused = Object.entries(wrong).map(([name, value]) =>
    book.pod(`sub-path-${name}`, {
      volumes,
      containers: [
        shell('main', 'sleep 600', {
          ...(value === undefined ? {} : { env: [{ name: 'WHERE', value }] }),
          volumeMounts: [mount('$(WHERE)')] as never,
        }),
      ],
    }),
  )
  for (const [index, name] of Object.keys(wrong).entries()) {
    book.story(`does not start with a sub path that is ${name}`, async () => {
      const pod = refused[index]
      const live = await pod?.until('refused', ({ status }) => {
        const waiting = status.containerStatuses?.[0]?.state?.waiting
        return waiting?.reason === 'CreateContainerConfigError'
      })
      expect(live?.status.phase).toBe('Pending')
    })
  }

  const mended = book.pod(
    'sub-path-mended',
    {
      volumes,
      containers: [
        shell('main', 'sleep 600', {
          env: [field('ANNOTATION', "metadata.annotations['mysubpath']")],
          volumeMounts: [mount('$(ANNOTATION)/below')] as never,
        }),
      ],
    },
    { annotations: { notmysubpath: 'mypath' } },
  )
  book.story('starts as soon as its sub path is made right', async () => {
    await mended.until('refused', (pod) => containerOf(pod).state?.waiting?.reason === 'CreateContainerConfigError')
    await book.patch(book.path('pods/sub-path-mended'), { metadata: { annotations: { mysubpath: 'mypath' } } })
    const { status } = await mended.ready()
    expect(status.containerStatuses?.[0]?.restartCount).toBe(0)
  })
}
