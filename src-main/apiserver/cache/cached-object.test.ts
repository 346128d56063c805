import { describe, expect, it } from 'vitest'
import { CachedObject, encodeForStore } from './cached-object.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const object = { metadata: { name: 'a', resourceVersion: '3' }, data: { x: 'ä' }, apiVersion: 'v1', kind: 'ConfigMap' }

describe('a stored object', () => {
  it('lies in the store without its revision, and begins with what it is', () => {
    expect(text(encodeForStore(object))).toBe(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"x":"ä"}}',
    )
  })

  it('has its revision in its bytes and in its fields, and keeps both', () => {
    const stored = CachedObject.fromStore('a', 7, encodeForStore(object))
    expect(stored.object.metadata?.resourceVersion).toBe('7')
    expect(JSON.parse(text(stored.bytes()))).toEqual(stored.object)
    expect(stored.bytes()).toBe(stored.bytes())
    expect(stored.object).toBe(stored.object)
  })

  it('has the same fields whether they come from its bytes or were at hand', () => {
    const raw = encodeForStore(object)
    const encodedFirst = CachedObject.fromStore('a', 7, raw)
    encodedFirst.bytes()
    expect(encodedFirst.object).toEqual(CachedObject.fromStore('a', 7, raw, object).object)
  })

  it.each([true, false])('is the same under another revision (encoded before: %s)', (encoded) => {
    const stored = CachedObject.fromStore('a', 7, encodeForStore(object))
    if (encoded) stored.bytes()
    const later = stored.at(9)
    expect(JSON.parse(text(later.bytes()))).toEqual({
      ...stored.object,
      metadata: { name: 'a', resourceVersion: '9' },
    })
    expect(later.object.metadata?.resourceVersion).toBe('9')
    expect(stored.object.metadata?.resourceVersion).toBe('7')
  })

  it('of a plentiful kind is decoded anew for a look in passing, and shared with whoever holds it', () => {
    const stored = CachedObject.fromStore('a', 7, encodeForStore(object), undefined, 'collectable')
    expect(stored.peek()).not.toBe(stored.peek())
    const held = stored.object
    expect([stored.object, stored.peek()]).toEqual([held, held])
    expect(stored.peek()).toBe(held)
    expect(held).toEqual(CachedObject.fromStore('a', 7, encodeForStore(object)).object)
    expect(stored.at(9).object.metadata?.resourceVersion).toBe('9')
  })

  it('has its protobuf made once', () => {
    const stored = CachedObject.fromStore('a', 7, encodeForStore(object))
    let made = 0
    const encode = (): Uint8Array => Uint8Array.of(++made)
    expect(stored.protobufBytes(encode)).toBe(stored.protobufBytes(encode))
    expect(made).toBe(1)
  })

  it('without any other metadata still gets its revision', () => {
    const stored = CachedObject.fromStore('a', 7, encodeForStore({ kind: 'A', apiVersion: 'b/v1', metadata: {} }))
    expect(JSON.parse(text(stored.bytes()))).toEqual({
      kind: 'A',
      apiVersion: 'b/v1',
      metadata: { resourceVersion: '7' },
    })
  })
})
