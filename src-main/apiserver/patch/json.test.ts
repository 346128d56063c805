import { describe, expect, it } from 'vitest'
import { applyJsonPatch } from './json.ts'

describe('a JSON patch', () => {
  it.each([
    [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ a: 1 }, [{ op: 'add', path: '', value: { b: 1 } }], { b: 1 }],
    [{ a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    [{ a: [1, 2, 3] }, [{ op: 'remove', path: '/a/1' }], { a: [1, 3] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
    [{ a: [1] }, [{ op: 'replace', path: '/a/0', value: 2 }], { a: [2] }],
    [{ a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }], { a: {}, c: { d: 1 } }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [{ a: 1 }, [{ op: 'test', path: '/a', value: 1 }], { a: 1 }],
    [
      { 'a/b': 1, 'c~d': 2 },
      [
        { op: 'remove', path: '/a~1b' },
        { op: 'remove', path: '/c~0d' },
      ],
      {},
    ],
    [{ '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
    [{ a: 1 }, [{ op: 'replace', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 2, 3] }, [{ op: 'remove', path: '/a/-1' }], { a: [1, 2] }],
    [{ a: [1, 2, 3] }, [{ op: 'add', path: '/a/-1', value: 4 }], { a: [1, 2, 3, 4] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/01', value: 2 }], { a: [1, 2] }],
    [{ a: 1 }, [{ op: 'copy', from: '/b', path: '/c' }], { a: 1, c: null }],
    [{ a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ])('of %j with %j gives %j', (document, patch, result) => {
    expect(applyJsonPatch(structuredClone(document), patch)).toEqual(result)
  })

  it.each([
    ['Unprocessable', { a: 1 }, [{ op: 'remove', path: '/b' }]],
    ['Unprocessable', { a: 1 }, [{ op: 'replace', path: '/b/c', value: 1 }]],
    ['Unprocessable', { a: 1 }, [{ op: 'replace', path: '', value: 1 }]],
    ['Unprocessable', { a: 1 }, [{ op: 'remove', path: '' }]],
    ['Unprocessable', { a: 1 }, [{ op: 'copy', from: '', path: '/b' }]],
    ['Unprocessable', { a: [1] }, [{ op: 'copy', from: '/a/1', path: '/b' }]],
    ['Unprocessable', { a: [1] }, [{ op: 'remove', path: '/a/-2' }]],
    ['Unprocessable', { a: 1 }, [{ op: 'add', path: '/b/c', value: 1 }]],
    ['Unprocessable', { a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }]],
    ['Unprocessable', { a: [1] }, [{ op: 'add', path: '/a/x', value: 1 }]],
    ['Unprocessable', { a: 1 }, [{ op: 'test', path: '/a', value: '1' }]],
    ['Unprocessable', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }]],
    ['Unprocessable', {}, [{ op: 'remove', path: '/constructor' }]],
    ['Malformed', {}, { op: 'add' }],
    ['Malformed', {}, [{ op: 'add', path: 'a', value: 1 }]],
    ['Malformed', {}, [{ op: 'add', path: '/a' }]],
    ['Malformed', {}, [{ op: 'jump', path: '/a' }]],
  ])('is refused as %s: %j with %j', (code, document, patch) => {
    expect(() => applyJsonPatch(document, patch)).toThrow(expect.objectContaining({ code }))
  })

  it('cannot reach a prototype', () => {
    const result = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }])
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.keys(result as object)).toEqual(['__proto__'])
  })
})
