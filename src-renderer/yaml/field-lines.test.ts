import { describe, expect, it } from 'vitest'
import { lineOfField, parseFieldPath } from './field-lines.ts'

const text = `apiVersion: v1
kind: Pod
metadata:
  labels:
    a.b/c: "1"
spec:
  containers:
    - name: web
      image: x
    - name: side
      ports:
        - containerPort: 99999
`

describe('where a field error belongs', () => {
  it('reads a path with indexes and keys', () => {
    expect(parseFieldPath('spec.containers[1].env[A.B]')).toEqual(['spec', 'containers', 1, 'env', 'A.B'])
  })

  it.each([
    ['spec.containers[1].ports[0].containerPort', 12],
    ['spec.containers[0].image', 9],
    ['metadata.labels[a.b/c]', 5],
    ['spec.containers[0].resources.limits', 8],
    ['nothing', undefined],
  ])('finds %s on line %s', (path, line) => {
    expect(lineOfField(text, path)).toBe(line)
  })
})
