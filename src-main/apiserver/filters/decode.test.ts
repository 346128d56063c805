import { describe, expect, it } from 'vitest'
import { encodeProtobuf } from '../../api/schema/protobuf.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { admin } from '../../../test/support/api-server.ts'

const path = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'
const aPod = (fields: object) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'x', ...fields }] },
})

describe('a body', () => {
  it.each([
    ['application/json', '{"metadata":{"name":"a"},"data":{"x":"1"}}'],
    ['', '{"metadata":{"name":"a"},"data":{"x":"1"}}'],
    ['application/yaml; charset=utf-8', 'metadata: {name: a}\ndata:\n  x: "1"\n'],
  ])('of type %j is understood', async (contentType, body) => {
    const { send } = await startTestServer()
    const answer = await send('POST', path, { contentType, body })
    expect(answer).toMatchObject({ code: 201, stored: { object: { kind: 'ConfigMap', data: { x: '1' } } } })
  })

  it('in protobuf is understood', async () => {
    const { server } = await startTestServer()
    const bytes = encodeProtobuf({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { x: '1' } })
    const answer = await server.handler(
      {
        ...{ method: 'POST', path, query: new URLSearchParams(), peer: admin, signal: new AbortController().signal },
        headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
        body: { type: 'bytes', read: () => Promise.resolve(bytes) },
      },
      { warn: () => undefined },
    )
    expect(answer).toMatchObject({ code: 201, stored: { object: { data: { x: '1' } } } })
  })

  it.each<[number, string, string]>([
    [400, 'application/json', '{"metadata":'],
    [400, 'application/json', '[]'],
    [400, 'application/json', ''],
    [400, 'application/yaml', 'a: [b'],
    [400, 'application/json', '{"kind":"Secret"}'],
    [400, 'application/json', '{"apiVersion":"v2"}'],
    [400, 'application/json', '{"metadata":{"name":"a","namespace":"other"}}'],
    [400, 'application/json', '{"metadata":{"name":"a"},"data":{"x":1}}'],
    [422, 'application/json', '{"metadata":{}}'],
    [415, 'text/plain', 'a'],
  ])('is refused with %i: %s %s', async (code, contentType, body) => {
    const { send } = await startTestServer()
    await expect(send('POST', path, { contentType, body })).rejects.toMatchObject({ code })
  })

  it('or an object that is too large is refused', async () => {
    const { send } = await startTestServer()
    const body = (bytes: number) => ({ metadata: { name: 'a' }, data: { x: 'x'.repeat(bytes) } })
    await expect(send('POST', path, { body: body(3_200_000) })).rejects.toMatchObject({ code: 413 })
    const event = { ...body(0), metadata: { name: 'a' }, message: 'x'.repeat(1_600_000), involvedObject: {} }
    await expect(send('POST', '/api/v1/namespaces/default/events', { body: event })).rejects.toMatchObject({
      code: 413,
    })
  })
})

describe('a field that the kind does not know', () => {
  const body = aPod({ imge: 'y' })
  const text = 'unknown field "spec.containers[0].imge"'

  it('is an error under Strict', async () => {
    const { send } = await startTestServer()
    await expect(send('POST', `${pods}?fieldValidation=Strict`, { body })).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining(`strict decoding error: ${text}`),
    })
  })

  it.each(['', '?fieldValidation=Warn'])('is left out with a warning (%j)', async (query) => {
    const { send, warnings } = await startTestServer()
    const answer = await send('POST', pods + query, { body })
    expect(warnings).toEqual([text])
    expect(JSON.stringify(answer)).not.toContain('imge')
  })

  it('is left out in silence under Ignore', async () => {
    const { send, warnings } = await startTestServer()
    await send('POST', `${pods}?fieldValidation=Ignore`, { body })
    expect(warnings).toEqual([])
  })

  it('or that is written twice is found in the text', async () => {
    const { send, warnings } = await startTestServer()
    const twice = '{"metadata":{"name":"a"},"data":{"x":"1","x":"2"}}'
    await send('POST', path, { body: twice })
    expect(warnings).toEqual(['duplicate field "data.x"'])
    await expect(send('POST', `${path}?fieldValidation=Strict`, { body: twice })).rejects.toMatchObject({ code: 400 })
  })

  it('is found in the result of a patch too', async () => {
    const { send } = await startTestServer()
    await send('POST', pods, { body: aPod({}) })
    const patch = { spec: { activeDeadlineSecs: 1 } }
    const contentType = 'application/merge-patch+json'
    await expect(send('PATCH', `${pods}/p?fieldValidation=Strict`, { contentType, body: patch })).rejects.toMatchObject(
      {
        code: 422,
        message: expect.stringContaining('unknown field "spec.activeDeadlineSecs"'),
      },
    )
  })
})
