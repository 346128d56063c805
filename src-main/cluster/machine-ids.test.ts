import { expect, it } from 'vitest'
import { parseMachineIds } from './machine-ids.ts'

const machineId = '0123456789abcdef0123456789abcdef'
const bootId = '9f3c1b1e-6f0a-4c58-9b0e-2a8d7c1f0e55'

it.each([
  [`${machineId}\n${bootId}\n`, { machineId, bootId }],
  [`${bootId}\n`, { bootId }],
  ['uninitialized\n', {}],
  ['', {}],
])('reads the ids of a machine from %j', (text, ids) => expect(parseMachineIds(text)).toEqual(ids))
