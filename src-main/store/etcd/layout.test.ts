import { describe, expect, it } from 'vitest'
import { Layout } from './layout.ts'
import type { EtcdEvent, KeyValue } from './messages.ts'

const layout = new Layout('/lab')
layout.base = 100

const kv = (key: string, mod: number, create = mod, value = 'x'): KeyValue => ({
  ...{ key: layout.key(key), value: Buffer.from(value) },
  ...{ create_revision: create, mod_revision: mod },
})
const put = (one: KeyValue, prev_kv?: KeyValue): EtcdEvent => ({ type: 'PUT', kv: one, ...(prev_kv && { prev_kv }) })
const gone = (mod: number, prev_kv?: KeyValue): EtcdEvent => ({
  ...{ type: 'DELETE', kv: kv('/a', mod, 0, '') },
  ...(prev_kv && { prev_kv }),
})

describe('events of etcd', () => {
  it('tell what was put and deleted, with what stood there before', () => {
    const events = layout.events([
      put(kv('/a', 101)),
      put(kv('/a', 102, 101), kv('/a', 101)),
      gone(103, kv('/a', 102, 101)),
    ])
    expect(events).toMatchObject([
      { type: 'put', key: '/a', revision: 1, entry: { createRevision: 1, modRevision: 1 } },
      { type: 'put', key: '/a', revision: 2, previous: { modRevision: 1 } },
      { type: 'delete', key: '/a', revision: 3, entry: { modRevision: 2 } },
    ])
    expect(events[0]).not.toHaveProperty('previous')
  })

  it.each([
    ['a deletion', gone(103)],
    ['a change', put(kv('/a', 102, 101))],
  ])('are not taken for others when what stood before %s is forgotten', (_what, event) => {
    expect(() => layout.events([event])).toThrowError(expect.objectContaining({ code: 'Compacted' }))
  })
})
