import { describe, expect, it } from 'vitest'
import { duplicateFields, duplicateFieldText } from './duplicate-fields.ts'

describe('duplicateFields', () => {
  it('names each field that is set more than once, with its path', () => {
    const text = `{
      "spec": {"replicas": 1, "a": {"replicas": 2}, "replicas": 3, "replicas": 4,
        "containers": [{"image": "x"}, {"image": "x", "ports": [], "image": "y"}]},
      "kind": "A", "kind": "B"
    }`
    expect(duplicateFields(text)).toEqual(['spec.replicas', 'spec.containers[1].image', 'kind'])
  })

  it('finds none where names only look alike', () => {
    expect(duplicateFields('{"a":"a\\":1,\\"a","b":[{"a":1},{"a":1}],"c":{"a":null,"A":true},"":[]}')).toEqual([])
    expect(duplicateFields('[]')).toEqual([])
    expect(duplicateFields('{}')).toEqual([])
    expect(duplicateFields('"a"')).toEqual([])
  })

  it('takes two spellings of a name as one', () => {
    expect(duplicateFields('{"a": 1, "\\u0061": 2}')).toEqual(['a'])
    expect(duplicateFields('{"a\\"b\\\\": 1, "a\\"b\\\\": 2}')).toEqual(['a"b\\'])
  })

  it('ends on any text', () => {
    for (const text of ['', '{', '{"a', '{"a":', '{"a":1,', '[', '[1,', '{]', '{"a"}', '}{', '{"a":1 "a":2}', '\\']) {
      expect(Array.isArray(duplicateFields(text))).toBe(true)
    }
    expect(duplicateFields('['.repeat(100_000))).toEqual([])
  })
})

describe('duplicateFieldText', () => {
  it('has the words of the API server', () => {
    expect(duplicateFieldText('spec.replicas')).toBe('duplicate field "spec.replicas"')
  })
})
