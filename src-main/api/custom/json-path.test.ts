import { describe, expect, it } from 'vitest'
import { JsonPathError, parseJsonPath } from './json-path.ts'

const object = {
  metadata: { annotations: { 'a.b/c': 'x' } },
  spec: { list: [{ n: 1 }, { n: 2 }], 'odd name': true },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
}

describe('a JSONPath', () => {
  it.each<[string, unknown[]]>([
    ['.spec.list[0].n', [1]],
    ['.spec.list[-1].n', [2]],
    ['.spec.list[*].n', [1, 2]],
    ['.spec.list[0:1]', [{ n: 1 }]],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type!='Ready')].status", ['False']],
    ['.spec.list[?(@.n>=2)].n', [2]],
    ['.metadata.annotations.a\\.b/c', ['x']],
    [".metadata.annotations['a.b/c']", ['x']],
    [".spec['odd name']", [true]],
    ['$.spec.list[1].n', [2]],
    ['..n', [1, 2]],
    ['.nothing.here', []],
  ])('%s', (path, expected) => {
    expect(parseJsonPath(path).values(object)).toEqual(expected)
  })

  it.each(['.a[', '.a[x]', '.a[?(b)]', 'a', '.a..', '.a[?(@.b==c)]'])('%s is none', (path) => {
    expect(() => parseJsonPath(path)).toThrow(JsonPathError)
  })
})
