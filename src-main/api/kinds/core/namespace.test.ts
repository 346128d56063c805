import { expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import { namespace } from './namespace.ts'

const base = { metadata: { name: 'a' } }

const namePart =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

it.each<[Changes, string[]]>([
  [{}, []],
  [
    { 'spec.finalizers': ['odd'] },
    ['spec.finalizers: Invalid value: "odd": name is neither a standard finalizer name nor is it fully qualified'],
  ],
  [
    { 'spec.finalizers': ['orphan', 'a/'] },
    [
      'spec.finalizers: Invalid value: "a/": name part must be non-empty',
      `spec.finalizers: Invalid value: "a/": ${namePart}`,
    ],
  ],
  [
    { 'spec.finalizers': ['a b'] },
    [
      `spec.finalizers: Invalid value: "a b": ${namePart}`,
      'spec.finalizers: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ],
])('a new namespace with %j', (changes, causes) => expect(creationCauses(namespace, base, changes)).toEqual(causes))

it('finalizers are told with their place where a namespace is let go, and not elsewhere', () => {
  const changed = (subresource: string): string[] =>
    updateCauses(namespace, { metadata: { name: 'a' } }, { 'spec.finalizers': ['kubernetes', 'odd'] }, subresource)
  expect(changed('finalize')).toEqual([
    'spec.finalizers[1]: Invalid value: "odd": name is neither a standard finalizer name nor is it fully qualified',
  ])
  expect(changed('')).toEqual([])
})

it('a namespace has a phase', () => {
  expect(updateCauses(namespace, { metadata: { name: 'a' } }, { 'status.phase': undefined }, 'status')).toEqual([
    'status.Phase: Invalid value: "": may only be \'Active\' if `deletionTimestamp` is empty',
  ])
})

it('a namespace ends with its deletion', () => {
  const changes = { 'status.phase': 'Terminating' }
  expect(updateCauses(namespace, { metadata: { name: 'a' } }, changes, 'status')).toEqual([
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ])
})
