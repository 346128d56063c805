import { expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import { csiNodeRules } from './csi-node-rules.ts'

const errorsOf = (...drivers: object[]): string[] =>
  csiNodeRules.validate({ spec: { drivers } }).map((error) => `${error.path}: ${fieldErrorBody(error)}`)

it('takes a name of the node of 256 characters and no more', () => {
  const long = 'n'.repeat(257)
  expect(errorsOf({ name: 'a.io', nodeID: 'n'.repeat(256) })).toEqual([])
  expect(errorsOf({ name: 'a.io', nodeID: long })).toEqual([
    `spec.drivers[0].nodeID: Invalid value: "${long}": must be 256 characters or less`,
  ])
})

it('wants each topology key once, as a label is named', () => {
  expect(errorsOf({ name: 'a.io', nodeID: 'n', topologyKeys: ['a.io/zone', 'a.io/zone'] })).toEqual([
    'spec.drivers[0]: Duplicate value: "a.io/zone"',
  ])
  expect(errorsOf({ name: 'a.io', nodeID: 'n', topologyKeys: ['no key'] })[0]).toMatch(
    /^spec\.drivers\[0\]: Invalid value: "no key": name part must consist of/,
  )
})

it('tells of the name of the node before a driver that is there twice', () => {
  expect(errorsOf({ name: 'a.io', nodeID: 'n' }, { name: 'a.io' })).toEqual([
    'spec.drivers[1].nodeID: Required value',
    'spec.drivers[1].name: Duplicate value: "a.io"',
  ])
})

it('lets a driver that is there change the number of its volumes, and nothing else', () => {
  const before = { name: 'a.io', nodeID: 'n', topologyKeys: ['a.io/zone'], allocatable: { count: 1 } }
  const changed = (driver: object): string[] =>
    csiNodeRules
      .validateUpdate({ spec: { drivers: [{ ...before, ...driver }] } }, { spec: { drivers: [before] } })
      .map(({ path }) => path)
  expect(changed({ allocatable: { count: 2 } })).toEqual([])
  expect(changed({ nodeID: 'm' })).toEqual(['spec.drivers'])
  expect(changed({ topologyKeys: [] })).toEqual(['spec.drivers'])
  expect(changed({ name: 'b.io', nodeID: 'm' })).toEqual([])
})
