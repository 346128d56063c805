/** What containers find in their volumes: content, modes, owners, and changes of what the volumes show. */
import { expect } from 'vitest'
import { parseQuantity, wholeValue } from '../../../src-main/api/meta/quantity.ts'
import type { Container, Volume, VolumeProjection } from '../../../src-main/api/types/core-v1.ts'
import { until } from '../../support/until.ts'
import { busybox, shell, type CaseBook, type CasePod, type Told } from '../../support/case-book.ts'

const mountOf = (name: string, rest: object = {}): Container['volumeMounts'] => [{ name, mountPath: '/v', ...rest }]
const limits = { limits: { cpu: '1250m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } }
/** Mode and content of a file. */
const look = (path: string): string => `stat -L -c %a ${path}; cat ${path}; echo`
const row = (
  title: string,
  volume: string,
  command: string,
  says: Told['says'],
  rest: Partial<Container> = {},
): Told => ({
  title,
  container: { command: ['sh', '-c', command], volumeMounts: mountOf(volume) ?? [], ...rest },
  says,
})

const items = [{ key: 'data-2', path: 'path/to/data-2' }]
const asUser = { securityContext: { runAsUser: 1000 } }
const resource = (path: string, name: string, divisor?: string): object => ({
  path,
  resourceFieldRef: { containerName: 'c0', resource: name, ...(divisor === undefined ? {} : { divisor }) },
})
const face = [
  { path: 'podname', fieldRef: { fieldPath: 'metadata.name' } },
  { path: 'private', mode: 0o400, fieldRef: { fieldPath: 'metadata.name' } },
  resource('cpu_limit', 'limits.cpu'),
  resource('cpu_request', 'requests.cpu', '1m'),
  resource('memory_limit', 'limits.memory'),
  resource('memory_request', 'requests.memory'),
] as NonNullable<NonNullable<Volume['downwardAPI']>['items']>

export function volumeCases(book: CaseBook): void {
  const metadata = { name: 'mounted' }
  const data = { 'data-1': 'value-1', 'data-2': 'value-2' }
  book.needs(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data,
      binaryData: { dump: Buffer.from([0, 255, 254, 10]).toString('base64') },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data },
  )
  plainVolumes(book)
  allInOne(book)
  groupVolumes(book)
  downwardVolumes(book)
  emptyDirs(book)
  subPaths(book)
  changes(book)
  immutable(book)
  manyMaps(book)
  images(book)
}

/** A secret, a config map and what the pod is, under one roof. */
function allInOne(book: CaseBook): void {
  const containers = [
    shell('main', 'cd /v; cat secret/data-1 map/data-1 name cpu_limit memory_limit cpu_request memory_request', {
      volumeMounts: [{ name: 'all', mountPath: '/v' }],
      resources: { limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '10m', memory: '32Mi' } },
    }),
  ]
  const named = (name: string, folder: string) => ({ name, items: [{ key: 'data-1', path: `${folder}/data-1` }] })
  const numbers = [
    ...[
      ['cpu_limit', 'limits.cpu', '1m'],
      ['memory_limit', 'limits.memory', '1'],
    ],
    ...[
      ['cpu_request', 'requests.cpu', '1m'],
      ['memory_request', 'requests.memory', '1'],
    ],
  ].map(([path = '', of = '', divisor = '']) => ({
    path,
    resourceFieldRef: { containerName: 'main', resource: of, divisor },
  }))
  const sources = [
    { secret: named('mounted', 'secret') },
    { configMap: named('mounted', 'map') },
    { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }, ...numbers] } },
  ]
  const pod = book.pod('all-in-one', {
    ...{ restartPolicy: 'Never', containers },
    volumes: [{ name: 'all', projected: { sources } }],
  })
  book.story('reads a secret, a config map, its name and its resources in one projected volume', async () => {
    await pod.ended()
    expect(await pod.log()).toBe(['value-1', 'value-1', 'all-in-one', 1000, 64 << 20, 10, 32 << 20].join(''))
  })
}

/** Config maps and secrets, mounted by themselves and as sources of projected volumes. */
function plainVolumes(book: CaseBook): void {
  const kinds: Record<string, (rest?: object) => Omit<Volume, 'name'>> = {
    'a config map': (rest) => ({ configMap: { name: 'mounted', ...rest } }),
    'a secret': (rest) => ({ secret: { secretName: 'mounted', ...rest } }),
    'a projected config map': ({ defaultMode, ...rest }: { defaultMode?: number } = {}) => ({
      projected: {
        ...(defaultMode === undefined ? {} : { defaultMode }),
        sources: [{ configMap: { name: 'mounted', ...rest } }],
      },
    }),
    'a projected secret': ({ defaultMode, ...rest }: { defaultMode?: number } = {}) => ({
      projected: {
        ...(defaultMode === undefined ? {} : { defaultMode }),
        sources: [{ secret: { name: 'mounted', ...rest } }],
      },
    }),
  }
  for (const [index, [kind, make]] of Object.entries(kinds).entries()) {
    const volumes: Volume[] = [
      { name: 'plain', ...make() },
      { name: 'strict', ...make({ defaultMode: 0o400 }) },
      { name: 'mapped', ...make({ items }) },
      { name: 'mapped-strict', ...make({ items: [{ ...items[0], mode: 0o400 }] }) },
    ]
    const first = /^644\nvalue-1$/m
    book.told(`volumes-${index}`, { volumes }, [
      row(`reads ${kind} in its volume`, 'plain', look('/v/data-1'), [first]),
      row(`reads ${kind} in its volume as another user than root`, 'plain', look('/v/data-1'), [first], asUser),
      row(`reads ${kind} with the mode of its volume`, 'strict', look('/v/data-1'), [/^400\nvalue-1$/m]),
      row(`reads ${kind} at the path that a key is mapped to`, 'mapped', `${look('/v/path/to/data-2')}; ls /v`, [
        /^644\nvalue-2\npath\n$/,
      ]),
      row(
        `reads ${kind} at such a path as another user than root`,
        'mapped',
        look('/v/path/to/data-2'),
        [/^644\nvalue-2$/m],
        asUser,
      ),
      row(`reads ${kind} with the mode of one file`, 'mapped-strict', look('/v/path/to/data-2'), [/^400\nvalue-2$/m]),
      row(
        `reads ${kind} in two volumes at once`,
        'plain',
        `${look('/v/data-1')}; ${look('/w/data-1')}`,
        [/^644\nvalue-1\n400\nvalue-1\n$/],
        { volumeMounts: [...(mountOf('plain') ?? []), { name: 'strict', mountPath: '/w' }] },
      ),
    ])
  }
  book.told(
    'volumes-binary',
    {
      volumes: [
        { name: 'plain', configMap: { name: 'mounted' } },
        { name: 'secret', secret: { secretName: 'mounted' } },
      ],
    },
    [
      row('reads text and bytes of a config map', 'plain', `${look('/v/data-1')}; od -An -tx1 /v/dump`, [
        /^644\nvalue-1$/m,
        /00 ff fe 0a/,
      ]),
      row('mounts a config map and a secret side by side', 'plain', 'cat /v/data-1 /w/data-2', [/^value-1value-2$/], {
        volumeMounts: [...(mountOf('plain') ?? []), { name: 'secret', mountPath: '/w' }],
      }),
    ],
  )
}

/** Volumes of a pod whose group owns them. */
function groupVolumes(book: CaseBook): void {
  const securityContext = { runAsUser: 1000, fsGroup: 1001 }
  const mode = { defaultMode: 0o440 }
  const volumes: Volume[] = [
    { name: 'secret', secret: { secretName: 'mounted', ...mode } },
    { name: 'projected', projected: { ...mode, sources: [{ secret: { name: 'mounted' } }] } },
    { name: 'map', configMap: { name: 'mounted', ...mode } },
    { name: 'empty', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory' } },
  ]
  const owned = [/^440 1001\nvalue-1$/m]
  const seen = 'stat -L -c "%a %g" /v/data-1; cat /v/data-1; echo'
  const written = 'echo x > /v/x && stat -c "%u %g" /v/x; id -G'
  book.told('volumes-group', { volumes, securityContext }, [
    row('reads a secret by its group', 'secret', seen, owned),
    row('reads a projected secret by its group', 'projected', seen, owned),
    row('reads a config map by its group', 'map', seen, owned),
    row('writes as its group into an empty folder', 'empty', written, [/^1000 1001$/m, /\b1001\b/]),
    row('writes as its group into memory', 'memory', written, [/^1000 1001$/m]),
  ])
}

function downwardVolumes(book: CaseBook): void {
  const kinds: Record<string, (rest?: object) => Omit<Volume, 'name'>> = {
    'a volume': (rest = {}) => ({ downwardAPI: { items: face, ...rest } }),
    'a projected volume': (rest = {}) => ({ projected: { sources: [{ downwardAPI: { items: face } }], ...rest } }),
  }
  for (const [index, [kind, make]] of Object.entries(kinds).entries()) {
    const volumes: Volume[] = [
      { name: 'plain', ...make() },
      { name: 'strict', ...make({ defaultMode: 0o400 }) },
    ]
    book.told(`downward-${index}`, { volumes }, [
      row(
        `reads its limits and requests in ${kind}`,
        'plain',
        'cd /v; for f in *_*; do echo $f=$(cat $f); done',
        [...[/^cpu_limit=2$/m, /^cpu_request=250$/m, /^memory_limit=67108864$/m, /^memory_request=33554432$/m]],
        { resources: limits },
      ),
      row(`reads the name of its pod in ${kind}`, 'plain', look('/v/podname'), [`644\ndownward-${index}\n`]),
      row(`reads the name of its pod in ${kind} with the mode of the volume`, 'strict', look('/v/podname'), [
        `400\ndownward-${index}\n`,
      ]),
      row(`reads the name of its pod in ${kind} with the mode of the file`, 'plain', look('/v/private'), [
        `400\ndownward-${index}\n`,
      ]),
    ])
    const unlimited = book.pod(`downward-unlimited-${index}`, {
      restartPolicy: 'Never',
      containers: [
        shell('c0', 'cat /v/cpu_limit; echo; cat /v/memory_limit', { volumeMounts: mountOf('plain') ?? [] }),
      ],
      volumes: [{ name: 'plain', ...make() }],
    })
    book.story(`reads in ${kind} what its node can give where it has no limit`, async () => {
      const { spec } = await unlimited.ended()
      const node = await book.ask('GET', `/api/v1/nodes/${spec.nodeName}`)
      const { cpu, memory } = node.status.allocatable
      const bytes = wholeValue(parseQuantity(String(memory)))
      expect(await unlimited.log()).toBe(`${cpu}\n${bytes}`)
    })
  }
}

function emptyDirs(book: CaseBook): void {
  const volumes: Volume[] = [
    { name: 'default', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory' } },
  ]
  const write = [0o644, 0o666, 0o777]
    .map((mode) => mode.toString(8))
    .map(
      (mode) =>
        `umask 0; echo content-${mode} > /v/f${mode}; chmod ${mode} /v/f${mode}; ls -l /v/f${mode}; cat /v/f${mode}`,
    )
  const command = [...write, 'stat -c "folder %A" /v', 'awk \'$2 == "/v" { print "type", $3 }\' /proc/mounts'].join(';')
  const seen = [
    ...[/^-rw-r--r-- .*\ncontent-644$/m, /^-rw-rw-rw- .*\ncontent-666$/m, /^-rwxrwxrwx .*\ncontent-777$/m],
    /^folder drwxrwxrwx$/m,
  ]
  const user = { securityContext: { runAsUser: 1001 } }
  // Each has a pod of its own: they write the same files.
  book.told('empty-root', { volumes }, [
    row('writes files of any mode into an empty folder', 'default', command, seen),
    row('writes files of any mode into memory', 'memory', command, [...seen, 'type tmpfs']),
  ])
  book.told('empty-user', { volumes }, [
    row('writes files of any mode into an empty folder as another user than root', 'default', command, seen, user),
    row(
      'writes files of any mode into memory as another user than root',
      'memory',
      command,
      [...seen, 'type tmpfs'],
      user,
    ),
  ])
  const shared = book.pod('empty-shared', {
    restartPolicy: 'Never',
    volumes: [{ name: 'shared', emptyDir: {} }],
    containers: [
      shell('main', 'until [ -s /v/done ]; do sleep 0.2; done; cat /v/done', { volumeMounts: mountOf('shared') ?? [] }),
      shell('sub', 'echo hello from the other > /v/new; mv /v/new /v/done', { volumeMounts: mountOf('shared') ?? [] }),
    ],
  })
  book.story('shares an empty folder among its containers', async () => {
    expect((await shared.ended()).status.phase).toBe('Succeeded')
    expect(await shared.log('main')).toBe('hello from the other\n')
  })
}

function subPaths(book: CaseBook): void {
  const projection: VolumeProjection[] = [{ configMap: { name: 'mounted' } }, { downwardAPI: { items: face } }]
  const volumes: Volume[] = [
    { name: 'map', configMap: { name: 'mounted', items } },
    { name: 'whole-map', configMap: { name: 'mounted' } },
    { name: 'secret', secret: { secretName: 'mounted' } },
    { name: 'downward', downwardAPI: { items: face } },
    { name: 'projected', projected: { sources: projection } },
  ]
  const at = (volume: string, subPath: string, mountPath = '/v/file'): Partial<Container> => ({
    volumeMounts: [{ name: volume, subPath, mountPath }],
  })
  const file = 'cat /v/file'
  book.told('sub-paths', { volumes }, [
    row('reads one file of a secret', 'secret', file, [/^value-1$/], at('secret', 'data-1')),
    row('reads one file of a config map', 'whole-map', file, [/^value-1$/], at('whole-map', 'data-1')),
    row('reads one folder of a config map', 'map', 'cat /v/to/data-2', [/^value-2$/], at('map', 'path', '/v')),
    row(
      'reads one file of a config map in the place of one of the image',
      'whole-map',
      'cat /etc/group',
      [/^value-1$/],
      at('whole-map', 'data-1', '/etc/group'),
    ),
    row('reads one file of a downward API volume', 'downward', file, [/^sub-paths$/], at('downward', 'podname')),
    row('reads one file of a projected volume', 'projected', file, [/^value-1$/], at('projected', 'data-1')),
  ])
}

/** Volumes that show what is made, changed and deleted while the pod runs. */
function changes(book: CaseBook): void {
  const kinds = ['configMap', 'secret', 'projected-configMap', 'projected-secret']
  const states = ['made', 'changed', 'deleted']
  const nameOf = (kind: string, state: string): string => `${kind.toLowerCase()}-${state}`
  const object = (kind: string, state: string, value: string): object => ({
    ...{
      apiVersion: 'v1',
      kind: kind.endsWith('secret') ? 'Secret' : 'ConfigMap',
      metadata: { name: nameOf(kind, state) },
    },
    ...(kind.endsWith('secret') ? { stringData: { data: value } } : { data: { data: value } }),
  })
  const pairs = kinds.flatMap((kind) => states.map((state) => ({ kind, state })))
  for (const { kind, state } of pairs) if (state !== 'made') book.needs(object(kind, state, 'value-1'))
  const volumes = pairs.map(({ kind, state }): Volume => {
    const name = nameOf(kind, state)
    if (kind === 'configMap') return { name, configMap: { name, optional: true } }
    if (kind === 'secret') return { name, secret: { secretName: name, optional: true } }
    const source = { name, optional: true }
    return { name, projected: { sources: [kind.endsWith('secret') ? { secret: source } : { configMap: source }] } }
  })
  volumes.push(
    {
      name: 'face',
      downwardAPI: {
        items: ['labels', 'annotations'].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } })),
      },
    },
    {
      name: 'projected-face',
      projected: {
        sources: [
          {
            downwardAPI: {
              items: ['labels', 'annotations'].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } })),
            },
          },
        ],
      },
    },
  )
  const pod = book.pod(
    'changes',
    {
      containers: [
        shell('main', 'sleep 3600', { volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/v/${name}` })) }),
      ],
      volumes,
    },
    { labels: { key: 'value1' }, annotations: { builder: 'bar' } },
  )
  const shown = async (): Promise<Record<string, string>> => {
    const said = await pod.sh('cd /v; for f in */data; do echo $f=$(cat $f); done')
    return Object.fromEntries(
      said
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    )
  }
  const expected = (state: Record<string, string | undefined>): Record<string, string> =>
    Object.fromEntries(
      pairs
        .flatMap(({ kind, state: name }): [string, string][] => {
          const value = state[name]
          return value === undefined ? [] : [[`${nameOf(kind, name)}/data`, value]]
        })
        .sort(),
    )
  book.story('sees what is made, changed and deleted in each of its volumes', async () => {
    await pod.ready()
    expect(await shown()).toEqual(expected({ changed: 'value-1', deleted: 'value-1' }))
    await Promise.all(
      kinds.map(async (kind) => {
        await book.create(object(kind, 'made', 'value-1'))
        const list = kind.endsWith('secret') ? 'secrets' : 'configmaps'
        const body = object(kind, 'changed', 'value-2')
        await book.patch(book.path(`${list}/${nameOf(kind, 'changed')}`), body)
        await book.remove(`${list}/${nameOf(kind, 'deleted')}`)
      }),
    )
    const lines = (state: object): string => Object.entries(state).join('\n')
    const wanted = lines(expected({ made: 'value-1', changed: 'value-2' }))
    await until('the changes', async () => lines(await shown()) === wanted)
  })
  book.story('sees its own labels and annotations change in its volumes', async () => {
    const seen = (): Promise<string> =>
      pod.sh('cat /v/face/labels /v/projected-face/labels /v/face/annotations /v/projected-face/annotations')
    expect((await seen()).match(/key="value1"/g)).toHaveLength(2)
    expect((await seen()).match(/builder="bar"/g)).toHaveLength(2)
    await book.patch(book.path('pods/changes'), {
      metadata: { labels: { key3: 'value3' }, annotations: { builder: 'foo' } },
    })
    const both = async (pattern: RegExp): Promise<boolean> => (await seen()).match(pattern)?.length === 2
    await until('the labels', () => both(/key3="value3"/g))
    await until('the annotations', () => both(/builder="foo"/g))
  })
  book.story('sees a deleted key of a config map go, and a new one come', async () => {
    const path = book.path('configmaps/configmap-changed')
    await book.patch(path, { data: { data: null, other: 'value-3' } })
    const list = (): Promise<string> => pod.sh('ls /v/configmap-changed; cat /v/configmap-changed/data 2>&1')
    await until('the keys', async () => /^other\ncat: .*No such file/.test(await list()))
  })
}

function immutable(book: CaseBook): void {
  for (const [kind, list] of [
    ['ConfigMap', 'configmaps'],
    ['Secret', 'secrets'],
  ] as const) {
    const name = `fixed-${list}`
    const data = (value: string): object => ({
      data: { key: kind === 'Secret' ? Buffer.from(value).toString('base64') : value },
    })
    book.needs({ apiVersion: 'v1', kind, metadata: { name }, ...data('one') })
    book.story(`changes an immutable ${kind} no more, but for its labels`, async () => {
      const path = book.path(`${list}/${name}`)
      const patch = (body: object): Promise<{ code: number }> =>
        book.door.ask('PATCH', path, { body, contentType: 'application/merge-patch+json' })
      for (const [body, code] of [
        [data('two'), 200],
        [{ immutable: true }, 200],
        [data('three'), 422],
        [{ immutable: false }, 422],
        [{ immutable: null }, 422],
        [{ metadata: { labels: { a: 'b' } } }, 200],
      ] as const)
        expect((await patch(body)).code, JSON.stringify(body)).toBe(code)
      expect((await book.remove(`${list}/${name}`)).code).toBe(200)
    })
  }
}

/** Secrets of one name in two namespaces, and many config maps in each of several pods. */
function manyMaps(book: CaseBook): void {
  const twinSecret = (namespace: string): object => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'twin', namespace } },
    stringData: { data: `of ${namespace}` },
  })
  book.needs(twinSecret('cases'), twinSecret('default'))
  const twin = book.pod('twin', {
    restartPolicy: 'Never',
    volumes: [{ name: 'twin', secret: { secretName: 'twin' } }],
    containers: [shell('main', look('/v/data'), { volumeMounts: mountOf('twin') ?? [] })],
  })
  book.story('mounts the secret of its own namespace', async () => {
    await twin.ended()
    expect(await twin.log()).toBe('644\nof cases\n')
  })

  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`)
  book.needs(
    ...names.map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { 'data-1': name } })),
  )
  const pods: CasePod[] = Array.from({ length: 5 }, (_, index) =>
    book.pod(`many-maps-${index}`, {
      restartPolicy: 'Never',
      volumes: names.map((name) => ({ name, configMap: { name } })),
      containers: [
        shell('main', 'cat /v/*/data-1 | wc -c', {
          volumeMounts: names.map((name) => ({ name, mountPath: `/v/${name}` })),
        }),
      ],
    }),
  )
  book.story('mounts fifty config maps in each of five pods', async () => {
    for (const pod of pods) {
      await pod.ended()
      expect(await pod.log()).toBe(`${names.join('').length}\n`)
    }
  })
}

/** The files of an image, which no container of it runs. */
function images(book: CaseBook): void {
  const volumes: Volume[] = [{ name: 'image', image: { reference: busybox, pullPolicy: 'Always' } }]
  book.told('volumes-image', { volumes }, [
    row(
      'reads the files of an image in its volume, and cannot change them',
      'image',
      'ls /v/bin | grep -x busybox; cmp /v/bin/busybox /bin/busybox && echo same; touch /v/x 2>&1 || echo fixed',
      [/^busybox\nsame\ntouch: .*Read-only file system\nfixed\n$/],
    ),
    row(
      'reads a folder of an image alone',
      'image',
      'ls /v | grep -x busybox; [ -e /v/bin ] || echo alone',
      [/^busybox\nalone\n$/],
      { volumeMounts: mountOf('image', { subPath: 'bin' }) ?? [] },
    ),
  ])
  const missing = book.pod('volumes-image-missing', {
    volumes: [{ name: 'image', image: { reference: 'orrery.dev/nowhere:1', pullPolicy: 'Never' } }],
    containers: [shell('main', 'true', { volumeMounts: mountOf('image') ?? [] })],
  })
  book.story('waits for an image of a volume that is not there, and says so', async () => {
    const { status } = await missing.until(
      'its containers wait for the image',
      (pod) => pod.status.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull',
    )
    expect(status.phase).toBe('Pending')
  })
}
