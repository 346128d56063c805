import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, type Asked, type Content, type Door } from '../support/api-door.ts'
import { aDefinition, aSpec, aVersion, cronTabsPath, establish } from '../support/custom-resources.ts'

/** What clients say of their writes, and what they are told: options, strictness, managers. */
let server: TestServer
let door: Door
const maps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const strategic = 'application/strategic-merge-patch+json'
const merge = 'application/merge-patch+json'
const json = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'

const ask = (method: string, target: string, asked?: Asked) => door.ask(method, target, asked)
const aDeployment = (name: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
  },
})
const warningsOf = ({ headers }: { headers: Readonly<Record<string, unknown>> }): unknown => headers['warning'] ?? []
const warning = (text: string): string => `299 - "${text.replaceAll('"', '\\"')}"`
const managersOf = async (path: string): Promise<string[]> =>
  (await ask('GET', path)).object.metadata.managedFields.map(({ manager, operation, subresource = '' }: Content) =>
    `${manager} ${operation} ${subresource}`.trim(),
  )

beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
  const version = aVersion('v1', aSpec({ known: { type: 'string' }, replicas: { type: 'integer' } }))
  await establish(server, aDefinition([version]))
  await ask('POST', `${deployments}?fieldManager=creator`, { body: aDeployment('web') })
  await ask('POST', cronTabsPath, { body: { metadata: { name: 'c' }, spec: { known: 'x' } } })
})
afterAll(() => server.server.dispose())

describe('the options of a write', () => {
  const wrong = 'fieldValidation=Odd&dryRun=Some&fieldManager=a%07'
  const errors =
    '[fieldManager: Invalid value: "a\\u0007": invalid character U+0007 (at position 1), ' +
    'dryRun: Unsupported value: ["Some"]: supported values: "All", ' +
    'fieldValidation: Unsupported value: "Odd": supported values: "", "Ignore", "Strict", "Warn"]'

  it.each([
    ['CreateOptions', 'POST', deployments, {}],
    ['UpdateOptions', 'PUT', `${deployments}/web`, {}],
    ['PatchOptions', 'PATCH', `${deployments}/web`, { contentType: merge }],
    ['UpdateOptions', 'PUT', `${deployments}/web/status`, {}],
    ['PatchOptions', 'PATCH', `${deployments}/web/scale`, { contentType: merge }],
  ])('are checked before its body: %s of %s %s', async (kind, method, path, more) => {
    const { code, object } = await ask(method, `${path}?${wrong}`, { body: '{', ...more })
    expect([code, object.message]).toEqual([422, `${kind}.meta.k8s.io "" is invalid: ${errors}`])
  })

  it.each([
    ['fieldManager=', apply, 'fieldManager: Required value: is required for apply patch'],
    ['force=true', merge, 'force: Forbidden: may not be specified for non-apply patch'],
    [`fieldManager=${'x'.repeat(129)}`, merge, 'fieldManager: Too long: may not be more than 128 bytes'],
  ])('of a patch: %s of %s', async (query, contentType, text) => {
    const { code, object } = await ask('PATCH', `${deployments}/web?${query}`, { contentType, body: {} })
    expect([code, object.message]).toEqual([422, `PatchOptions.meta.k8s.io "" is invalid: ${text}`])
  })

  it.each([
    [
      'orphanDependents=true&propagationPolicy=Orphan',
      undefined,
      'orphanDependents and deletionPropagation cannot be both set',
    ],
    ['propagationPolicy=Odd', undefined, 'supported values: "Foreground", "Background", "Orphan", "nil"'],
    ['', { dryRun: ['Some'] }, 'dryRun: Unsupported value: ["Some"]: supported values: "All"'],
  ])('of a deletion: %s %j', async (query, body, text) => {
    const { code, object } = await ask('DELETE', `${deployments}/web?${query}`, { body })
    expect([code, object.reason, object.details.kind]).toEqual([422, 'Invalid', 'DeleteOptions'])
    expect(object.message).toContain(text)
  })

  it('of a deletion stand in the body or, without one, in the query', async () => {
    await ask('POST', maps, { body: { metadata: { name: 'kept' } } })
    expect((await ask('DELETE', `${maps}/kept?dryRun=All`)).code).toBe(200)
    expect((await ask('GET', `${maps}/kept`)).code).toBe(200)
    expect((await ask('DELETE', `${maps}/kept`, { body: { gracePeriodSeconds: 'x' } })).code).toBe(400)
    expect((await ask('DELETE', `${maps}/kept?dryRun=All`, { body: {} })).code).toBe(200)
    expect((await ask('GET', `${maps}/kept`)).code).toBe(404)
  })

  it('may name the object that is meant', async () => {
    const { object: made } = await ask('POST', maps, { body: { metadata: { name: 'meant' } } })
    const { uid, resourceVersion } = made.metadata
    const refused = async (preconditions: object): Promise<unknown> => {
      const { code, object } = await ask('DELETE', `${maps}/meant`, { body: { preconditions } })
      return [code, object.reason, object.message]
    }
    const head = 'Operation cannot be fulfilled on ConfigMap "meant": the '
    expect(await refused({ uid: 'other' })).toEqual([
      409,
      'Conflict',
      `${head}UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    ])
    expect(await refused({ uid, resourceVersion: '1' })).toEqual([
      409,
      'Conflict',
      `${head}ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    ])
    const update = { metadata: { name: 'meant', uid: 'other' } }
    expect((await ask('PUT', `${maps}/meant`, { body: update })).object.message).toMatch(
      /^Operation cannot be fulfilled on configmaps "meant": StorageError: invalid object, Code: 4, Key: \/registry\/configmaps\/default\/meant,/,
    )
    expect((await ask('DELETE', `${maps}/meant`, { body: { preconditions: { uid, resourceVersion } } })).code).toBe(200)
  })
})

describe('fields that are unknown or twice there', () => {
  const twice = '"replicas":2,"replicas":1,"odd":"x"'
  const both = ['duplicate field "spec.replicas"', 'unknown field "spec.odd"']
  const web = `${deployments}/web`
  const whole = JSON.stringify(aDeployment('web')).replace('"replicas":1', twice)
  const yaml = [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: {name: web}',
    'spec:',
    '  replicas: 2',
    '  replicas: 1',
    '  odd: x',
    '  selector: {matchLabels: {a: b}}',
    '  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}',
  ].join('\n')
  const inYaml = ['line 6: key "replicas" already set in map', 'unknown field "spec.odd"']
  const custom = `{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"c"},"spec":{${twice}}}`
  const customBoth = ['duplicate field "spec.replicas"', 'unknown field "spec.odd"']
  const handled = 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '

  const cases: [string, string, string, Asked, string[], number, string][] = [
    ['an update', 'PUT', web, { body: whole }, both, 400, handled + both.join(', ')],
    [
      'an update in YAML',
      'PUT',
      web,
      { body: yaml, contentType: 'application/yaml' },
      inYaml,
      400,
      `${handled}yaml: unmarshal errors:\n  ${inYaml.join(', ')}`,
    ],
    [
      'a strategic patch',
      'PATCH',
      web,
      { contentType: strategic, body: `{"spec":{${twice}}}` },
      both,
      422,
      ` "" is invalid: patch: Invalid value: "map[spec:map[odd:x replicas:1]]": strict decoding error: ${both.join(', ')}`,
    ],
    [
      'a merge patch',
      'PATCH',
      web,
      { contentType: merge, body: '{"spec":{"replicas":2,"replicas":1}}' },
      both.slice(0, 1),
      422,
      ` "" is invalid: patch: Invalid value: "{\\"spec\\":{\\"replicas\\":2,\\"replicas\\":1}}": strict decoding error: ${both[0]}`,
    ],
    [
      'a patch of a custom object',
      'PATCH',
      `${cronTabsPath}/c`,
      { contentType: merge, body: `{"spec":{${twice}}}` },
      customBoth,
      422,
      `strict decoding error: ${customBoth.join(', ')}`,
    ],
    [
      'the creation of a custom object',
      'POST',
      cronTabsPath,
      { body: custom.replace('"c"', '"created"') },
      customBoth,
      400,
      `CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: ${customBoth.join(', ')}`,
    ],
    [
      'the scale',
      'PUT',
      `${web}/scale`,
      { body: `{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"web"},"spec":{${twice}}}` },
      both,
      400,
      `Scale in version "v1" cannot be handled as a Scale: strict decoding error: ${both.join(', ')}`,
    ],
  ]

  it.each(cases)('are told of for %s', async (_what, method, path, asked, texts, code, message) => {
    const dry = (validation: string) => ask(method, `${path}?dryRun=All&fieldValidation=${validation}`, asked)
    const strict = await dry('Strict')
    expect(strict.code).toBe(code)
    expect(strict.object.message).toContain(message)
    const warned = await dry('Warn')
    expect([warned.code < 300, warningsOf(warned)]).toEqual([true, texts.map(warning)])
    expect(warned.object.spec).toMatchObject({ replicas: 1 })
    expect(warned.object.spec.odd).toBeUndefined()
    const ignored = await dry('Ignore')
    expect([ignored.code < 300, warningsOf(ignored)]).toEqual([true, []])
  })

  it('of an application are no fields that anybody could own', async () => {
    const applied = (body: string, validation: string) =>
      ask('PATCH', `${web}?fieldManager=me&dryRun=All&force=true&fieldValidation=${validation}`, {
        contentType: apply,
        body,
      })
    for (const validation of ['Strict', 'Warn', 'Ignore']) {
      const { code, object } = await applied('apiVersion: apps/v1\nkind: Deployment\nspec: {odd: 1}', validation)
      expect([code, object.message, object.reason]).toEqual([
        500,
        'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.odd: field not declared in schema',
        undefined,
      ])
    }
    const double = 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  paused: false\n  paused: true'
    const strict = await applied(double, 'Strict')
    expect([strict.code, strict.object.message]).toEqual([
      400,
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key "paused" already set in map',
    ])
    const warned = await applied(double, 'Warn')
    expect(warningsOf(warned)).toEqual([warning('line 5: key "paused" already set in map')])
    expect(warned.object.spec.paused).toBe(true)
  })

  it('that a patch cannot mean anyway are its own fault', async () => {
    const test = [{ op: 'test', path: '/spec/replicas', value: 99 }]
    const failed = await ask('PATCH', web, { contentType: json, body: test })
    expect([failed.code, failed.object.message]).toEqual([
      422,
      'the server rejected our request due to an error in our request',
    ])
    const cut = await ask('PATCH', web, { contentType: merge, body: '{' })
    expect([cut.code, cut.object.message]).toEqual([400, 'error decoding patch: unexpected end of JSON input'])
  })
})

describe('managers', () => {
  it('of a scale own the replicas through it', async () => {
    const path = `${deployments}/scaled`
    await ask('POST', `${deployments}?fieldManager=creator`, { body: aDeployment('scaled') })
    await ask('PATCH', `${path}/scale?fieldManager=scaler`, { contentType: merge, body: { spec: { replicas: 3 } } })
    expect(await managersOf(path)).toEqual(['creator Update', 'scaler Update scale'])
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 4 } }
    const refused = await ask('PATCH', `${path}/scale?fieldManager=me`, { contentType: apply, body: scale })
    expect([refused.code, refused.object.message]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using autoscaling/v1: .spec.replicas',
    ])
    const forced = await ask('PATCH', `${path}/scale?fieldManager=me&force=true`, { contentType: apply, body: scale })
    expect([forced.code, forced.object.spec]).toEqual([200, { replicas: 4 }])
    expect(await managersOf(path)).toEqual(['me Apply scale', 'creator Update'])
  })

  it('who make a map or a list own it beside what is in it', async () => {
    await ask('POST', `${maps}?fieldManager=creator`, { body: { metadata: { name: 'plain' }, data: { a: 'b' } } })
    const body = { metadata: { annotations: { x: 'y' }, finalizers: ['example.com/f'] } }
    await ask('PATCH', `${maps}/plain?fieldManager=later`, { contentType: merge, body })
    const { managedFields } = (await ask('GET', `${maps}/plain`)).object.metadata
    expect(managedFields[1].fieldsV1).toEqual({
      'f:metadata': {
        'f:annotations': { '.': {}, 'f:x': {} },
        'f:finalizers': { '.': {}, 'v:"example.com/f"': {} },
      },
    })
  })

  it('own the parts that they bring, and not those that every object has', async () => {
    const template = {
      metadata: { labels: { app: 'parts' } },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'i',
            resources: { limits: { cpu: '1' } },
            livenessProbe: { httpGet: { path: '/', port: 80 } },
          },
        ],
      },
    }
    const spec = { replicas: 1, selector: { matchLabels: { app: 'parts' } }, template, strategy: {} }
    await ask('POST', `${deployments}?fieldManager=creator`, {
      body: { metadata: { name: 'parts' }, spec, status: {} },
    })
    const { managedFields } = (await ask('GET', `${deployments}/parts`)).object.metadata
    expect(managedFields[0].fieldsV1).toEqual({
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"c"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:livenessProbe': {
                  '.': {},
                  'f:failureThreshold': {},
                  'f:httpGet': { '.': {}, 'f:path': {}, 'f:port': {}, 'f:scheme': {} },
                  'f:periodSeconds': {},
                  'f:successThreshold': {},
                  'f:timeoutSeconds': {},
                },
                'f:name': {},
                'f:resources': { '.': {}, 'f:limits': { '.': {}, 'f:cpu': {} } },
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    })
    const more = { spec: { template: { spec: { dnsConfig: { nameservers: ['10.0.0.1'] } } } }, status: { replicas: 1 } }
    await ask('PATCH', `${deployments}/parts?fieldManager=later`, { contentType: merge, body: more })
    await ask('PATCH', `${deployments}/parts/status?fieldManager=counter`, { contentType: merge, body: more })
    const after = (await ask('GET', `${deployments}/parts`)).object.metadata.managedFields
    const others = after.filter(({ manager }: Content) => manager !== 'creator')
    expect(others.map(({ fieldsV1 }: Content) => fieldsV1)).toEqual([
      { 'f:status': { 'f:replicas': {} } },
      { 'f:spec': { 'f:template': { 'f:spec': { 'f:dnsConfig': { '.': {}, 'f:nameservers': {} } } } } },
    ])
  })

  it('are named with all that they would lose', async () => {
    const path = `${deployments}/fought`
    const body = (spec: object): object => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec })
    await ask('POST', `${deployments}?fieldManager=creator`, { body: aDeployment('fought') })
    await ask('PATCH', `${path}?fieldManager=b`, { contentType: apply, body: body({ paused: true }) })
    const more = body({ paused: false, replicas: 5, minReadySeconds: 3, revisionHistoryLimit: 1 })
    const { code, object } = await ask('PATCH', `${path}?fieldManager=c`, { contentType: apply, body: more })
    expect([code, object.reason]).toEqual([409, 'Conflict'])
    expect(object.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "b":\n- .spec.paused\n' +
        'conflicts with "creator" using apps/v1:\n- .spec.replicas\n- .spec.revisionHistoryLimit',
    )
    expect(object.details.causes.map(({ reason }: Content) => reason)).toEqual(Array(3).fill('FieldManagerConflict'))
  })

  it('who only update are told apart up to ten', async () => {
    await ask('POST', `${maps}?fieldManager=m0`, { body: { metadata: { name: 'busy' }, data: { k0: 'x' } } })
    for (let number = 1; number <= 12; number++) {
      await server.clock.advance(1000)
      await ask('PATCH', `${maps}/busy?fieldManager=m${number}`, {
        contentType: merge,
        body: { data: { [`k${number}`]: 'x' } },
      })
    }
    const names = await managersOf(`${maps}/busy`)
    expect(names).toEqual(
      ['ancient-changes', ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((one) => `m${one}`)].map((name) => `${name} Update`),
    )
    const { managedFields } = (await ask('GET', `${maps}/busy`)).object.metadata
    expect(managedFields[0].fieldsV1).toEqual({
      'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} },
    })
  })
})
