import { beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type SendOptions, type TestServer } from '../../../test/support/api-server.ts'
import {
  aCronTab,
  aDefinition,
  aSpec,
  aVersion,
  cronTabsPath,
  definitionsPath,
  establish,
} from '../../../test/support/custom-resources.ts'
import { until } from '../../../test/support/until.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { StatusError } from '../../api/errors.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.ts'

let lab: TestServer

/** The object of an answer. */
async function object<T = DynamicObject>(method: string, target: string, options?: SendOptions): Promise<T> {
  const answer = await lab.send(method, target, options)
  if (answer.type === 'object') return answer.stored.object as T
  if (answer.type === 'plain') return answer.object as T
  throw new Error(`${answer.type} is no object`)
}
async function refusal(method: string, target: string, options?: SendOptions): Promise<StatusError> {
  const error: unknown = await lab.send(method, target, options).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(StatusError)
  return error as StatusError
}

const soon = (look: () => Promise<boolean>): Promise<unknown> => until('what is expected', look, 5000, 2)

beforeEach(async () => {
  lab = await startTestServer()
})

describe('a custom resource definition', () => {
  it('is granted its names and served', async () => {
    await establish(lab, aDefinition())
    const { spec, status } = await object<CustomResourceDefinition>(
      'GET',
      `${definitionsPath}/crontabs.stable.example.com`,
    )
    expect(spec.names).toMatchObject({ singular: 'crontab', listKind: 'CronTabList' })
    expect(status?.conditions).toMatchObject([
      { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
      { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' },
    ])
    expect(status?.acceptedNames).toMatchObject({ plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'] })
    expect(status?.storedVersions).toEqual(['v1'])
  })

  it('goes after all its objects', async () => {
    await establish(lab, aDefinition())
    await lab.send('POST', cronTabsPath, { body: { ...aCronTab('free') } })
    await lab.send('POST', cronTabsPath, {
      body: { ...aCronTab('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } },
    })
    const begun = await object<CustomResourceDefinition>('DELETE', `${definitionsPath}/crontabs.stable.example.com`)
    expect(begun.metadata?.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    expect(begun.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Terminating', status: 'True' }))
    await soon(async () => (await refusal('GET', `${cronTabsPath}/free`)).reason === 'NotFound')
    const refused = await refusal('POST', cronTabsPath, { body: aCronTab('late') })
    expect(refused).toMatchObject({
      code: 405,
      message: 'create not allowed while custom resource definition is terminating',
    })
    await lab.send('PATCH', `${cronTabsPath}/held`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    })
    await lab.clock.advance(2000)
    await soon(async () => lab.server.kinds.find('stable.example.com', 'v1', 'crontabs') === undefined)
    expect(await refusal('GET', cronTabsPath)).toMatchObject({ code: 404 })
    expect(await refusal('GET', `${definitionsPath}/crontabs.stable.example.com`)).toMatchObject({ code: 404 })
  })
})

describe('a custom object', () => {
  it('is completed, pruned and counted', async () => {
    await establish(lab, aDefinition())
    const created = await object('POST', cronTabsPath, { body: aCronTab('a', { cronSpec: '* * * * */5', extra: 1 }) })
    expect(created['spec']).toEqual({ cronSpec: '* * * * */5', image: 'busybox' })
    expect(created.metadata).toMatchObject({ name: 'a', namespace: 'default', generation: 1 })
    expect(lab.warnings).toEqual(['unknown field "spec.extra"'])
    const changed = await object('PATCH', `${cronTabsPath}/a`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: 3 } },
    })
    expect(changed.metadata?.generation).toBe(2)
  })

  it('is refused with the errors of Kubernetes', async () => {
    await establish(lab, aDefinition())
    const error = await refusal('POST', cronTabsPath, { body: aCronTab('a', { cronSpec: 'x', replicas: 'many' }) })
    expect(error.code).toBe(422)
    expect(error.message).toContain('CronTab.stable.example.com "a" is invalid')
    expect(error.details?.causes).toContainEqual({
      reason: 'FieldValueTypeInvalid',
      field: 'spec.replicas',
      message: 'Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    })
  })

  it('has defaults of today, whenever it was written', async () => {
    await establish(lab, aDefinition([aVersion('v1', aSpec({ a: { type: 'string' }, b: { type: 'string' } }))]))
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', {}) })
    expect((await object('GET', `${cronTabsPath}/a`))['spec']).toEqual({})
    const schema = [
      { op: 'add', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/default', value: 'A' },
    ]
    await lab.send('PATCH', `${definitionsPath}/crontabs.stable.example.com`, {
      contentType: 'application/json-patch+json',
      body: schema,
    })
    expect((await object('GET', `${cronTabsPath}/a`))['spec']).toEqual({ a: 'A' })
  })
})
