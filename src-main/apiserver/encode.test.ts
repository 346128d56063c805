import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { aStoredPod, podKind } from '../../test/support/pod-server.ts'
import { expired, notFound, tooManyRequests } from '../api/errors.ts'
import { decodeProtobuf, encodeProtobuf } from '../api/schema/protobuf.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { encodeAnswer, type DataAnswer } from './encode.ts'
import { encodeFailure } from './encode-failure.ts'
import type { EncodedResponse } from './encoded-response.ts'
import type { ServerRequest, WatchItem } from './request.ts'

const clock = new VirtualClock(Date.UTC(2026, 0, 2))
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

function aRequest(accept: string | undefined, query = ''): ServerRequest {
  return {
    method: 'GET',
    path: '/',
    query: new URLSearchParams(query),
    headers: { accept },
    body: { type: 'none' },
    peer: undefined,
    signal: new AbortController().signal,
  }
}

const created = {
  name: 'web-1',
  namespace: 'default',
  uid: 'u1',
  resourceVersion: '5',
  creationTimestamp: '2026-01-01T23:58:30Z',
}
const stored = aStoredPod('web-1', 5, { metadata: created })
const list: DataAnswer = { type: 'list', kind: podKind, items: [stored, aStoredPod('web-2', 6)], resourceVersion: '7' }
const one: DataAnswer = { type: 'object', code: 201, kind: podKind, stored }

const encode = (answer: DataAnswer, accept?: string, query?: string): EncodedResponse =>
  encodeAnswer(answer, aRequest(accept, query), clock)

function textOf({ body }: EncodedResponse): string {
  if (body.type !== 'chunks') throw new Error('not complete')
  const bytes = Buffer.concat(body.chunks)
  expect(bytes.length).toBe(body.bytes)
  return bytes.toString()
}
const jsonOf = (response: EncodedResponse): unknown => JSON.parse(textOf(response))

async function framesOf({ body }: EncodedResponse): Promise<unknown[]> {
  if (body.type !== 'live') throw new Error('not live')
  const frames: unknown[] = []
  for await (const batch of body.batches) {
    for (const frame of batch) {
      expect(frame.at(-1)).toBe('\n'.charCodeAt(0))
      frames.push(JSON.parse(Buffer.from(frame).toString()))
    }
  }
  return frames
}

describe('a long list', () => {
  const long: DataAnswer = {
    ...{ type: 'list', kind: podKind, resourceVersion: '7', continue: 'more', remainingItemCount: 9 },
    items: Array.from({ length: 4000 }, (_, index) => aStoredPod(`web-${index}`, 10 + index)),
  }
  const wholeList = {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '7', continue: 'more', remainingItemCount: 9 },
    items: long.items.map(({ object }) => object),
  }

  async function bytesOf({ body }: EncodedResponse): Promise<Buffer> {
    if (body.type !== 'pieces') throw new Error('not in pieces')
    const pieces: Uint8Array[][] = []
    for await (const piece of body.pieces) pieces.push([...piece])
    return Buffer.concat(pieces.flat())
  }

  it('says in pieces what a short one says at once', async () => {
    expect(JSON.parse((await bytesOf(encode(long))).toString())).toEqual(wholeList)
    const rows = JSON.parse((await bytesOf(encode(long, table))).toString()) as { rows: unknown[]; metadata: unknown }
    expect([rows.rows.length, rows.metadata]).toEqual([4000, wholeList.metadata])
  })

  it('is in protobuf the same bytes as when it is encoded as a whole', async () => {
    const bytes = await bytesOf(encode(long, 'application/vnd.kubernetes.protobuf'))
    expect(bytes.equals(encodeProtobuf(wholeList))).toBe(true)
  })
})

describe('an object', () => {
  it('goes out as the bytes that are stored', () => {
    const { body, code, headers } = encode(one)
    expect([code, headers['content-type']]).toEqual([201, 'application/json'])
    expect(body).toMatchObject({ type: 'chunks', chunks: [stored.bytes(), Buffer.from('\n')] })
  })

  it('goes out as YAML, or with indents', () => {
    expect(parseYaml(textOf(encode(one, 'application/yaml')))).toEqual(stored.object)
    expect(textOf(encode(one, undefined, 'pretty=true'))).toContain('\n  "metadata": {\n')
  })

  it('is a table of one row', () => {
    expect(jsonOf(encode(one, table))).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '5' },
      columnDefinitions: [
        { name: 'Name', format: 'name' },
        { name: 'Status' },
        { name: 'Age' },
        { name: 'Node', priority: 1 },
      ],
      rows: [
        {
          cells: ['web-1', 'Running', '90s', 'worker-1'],
          object: { kind: 'PartialObjectMetadata', metadata: created },
        },
      ],
    })
  })

  it('is not acceptable as anything else', () => {
    expect(() => encode(one, 'text/html')).toThrow(expect.objectContaining({ code: 406, reason: 'NotAcceptable' }))
  })
})

describe('a list', () => {
  it('is spliced from the stored bytes', () => {
    expect(jsonOf(encode({ ...list, continue: 'next', remainingItemCount: 3 } as DataAnswer))).toMatchObject({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7', continue: 'next', remainingItemCount: 3 },
      items: [{ metadata: { name: 'web-1' } }, { metadata: { name: 'web-2' } }],
    })
  })

  it('may be empty', () => {
    expect(jsonOf(encode({ ...list, items: [] } as DataAnswer))).toMatchObject({ kind: 'PodList', items: [] })
  })

  it('is a table with as much of each object as is asked for', () => {
    const objects = (query: string): unknown =>
      (jsonOf(encode(list, table, query)) as { rows: { object: unknown }[] }).rows[0]?.object
    expect(objects('includeObject=None')).toBeNull()
    expect(objects('includeObject=Object')).toEqual(stored.object)
    expect(objects('')).toEqual({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: created })
  })

  it('is a list of metadata', () => {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    expect(jsonOf(encode(list, accept))).toMatchObject({
      kind: 'PartialObjectMetadataList',
      metadata: { resourceVersion: '7' },
      items: [{ kind: 'PartialObjectMetadata', metadata: created }, {}],
    })
  })

  it('shows every row even when a column cannot read one object', () => {
    const broken = aStoredPod('odd', 8, { metadata: { ...created, name: 'odd' }, status: undefined })
    const rows = jsonOf(encode({ ...list, items: [broken, stored] } as DataAnswer, table))
    expect(rows).toMatchObject({
      rows: [{ cells: ['odd', '<unknown>', '90s', 'worker-1'] }, { cells: ['web-1', 'Running', '90s', 'worker-1'] }],
    })
  })
})

describe('protobuf', () => {
  const accept = 'application/vnd.kubernetes.protobuf'
  const bytesOf = ({ body }: EncodedResponse): Buffer => Buffer.concat(body.type === 'chunks' ? body.chunks : [])

  it('is what a client gets that takes nothing else', () => {
    const response = encode(one, accept)
    expect(response.headers['content-type']).toBe(accept)
    expect(decodeProtobuf(bytesOf(response))).toMatchObject({
      kind: 'Pod',
      metadata: { name: 'web-1' },
      spec: { nodeName: 'worker-1' },
    })
    expect(decodeProtobuf(bytesOf(encode(list, accept)))).toMatchObject({
      ...{ kind: 'PodList', metadata: { resourceVersion: '7' } },
      items: [{ metadata: { name: 'web-1' } }, { metadata: { name: 'web-2' } }],
    })
  })
})

describe('a watch', () => {
  async function* events(...items: (WatchItem | Error)[]): AsyncGenerator<WatchItem> {
    for (const item of items) {
      if (item instanceof Error) throw item
      yield await Promise.resolve(item)
    }
  }
  const bookmark: WatchItem = {
    type: 'BOOKMARK',
    stored: aStoredPod('', 9, { metadata: { resourceVersion: '9' }, status: undefined }),
  }
  const watch = (...items: (WatchItem | Error)[]): DataAnswer => ({
    type: 'watch',
    kind: podKind,
    events: events(...items),
  })

  it('is one line for each event', async () => {
    expect(await framesOf(encode(watch({ type: 'ADDED', stored }, bookmark)))).toMatchObject([
      { type: 'ADDED', object: stored.object },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
    ])
  })

  it('tells of its failure in an event of its own', async () => {
    expect(await framesOf(encode(watch({ type: 'ADDED', stored }, expired('too old resource version'))))).toMatchObject(
      [{ type: 'ADDED' }, { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }],
    )
  })

  it('is a table for each event, whose columns come once', async () => {
    const frames = await framesOf(
      encode(watch({ type: 'ADDED', stored }, { type: 'MODIFIED', stored }, bookmark), table),
    )
    expect(frames).toMatchObject([
      {
        type: 'ADDED',
        object: {
          kind: 'Table',
          columnDefinitions: [{}, {}, {}, {}],
          rows: [{ cells: ['web-1', 'Running', '90s', 'worker-1'] }],
        },
      },
      { type: 'MODIFIED', object: { columnDefinitions: null, rows: [{}] } },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' }, rows: [{ cells: [] }] } },
    ])
  })
})

describe('a failure', () => {
  it('is a Status, also for a client that wants a table', () => {
    const response = encodeFailure(notFound({ group: '', plural: 'pods' }, 'web-9'))
    expect(response.code).toBe(404)
    expect(jsonOf(response)).toMatchObject({ kind: 'Status', reason: 'NotFound', details: { name: 'web-9' } })
  })

  it('says when to come back', () => {
    expect(encodeFailure(tooManyRequests('too many', 3)).headers['retry-after']).toBe('3')
  })

  it('that nobody foresaw is an internal error', () => {
    expect(jsonOf(encodeFailure(new TypeError('x is undefined')))).toMatchObject({
      code: 500,
      reason: 'InternalError',
      message: 'Internal error occurred: x is undefined',
    })
  })
})
