import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { repeats } from '../../meta/repeats.ts'
import type { CSINode } from '../../types/storage-v1.ts'
import { driverNameProblems } from './csi-driver-rules.ts'

const driversOf = (object: DynamicObject): CSINode['spec']['drivers'] =>
  (object as unknown as CSINode).spec?.drivers ?? []

/** What drivers a node has, each once; what a driver calls the node stays. */
export const csiNodeRules = {
  updatesNeedVersion: true,
  validate(object: DynamicObject): FieldError[] {
    const names = new Set<string>()
    return checkEach('spec.drivers', driversOf(object), (driver, path) => {
      const { name = '', nodeID = '', allocatable } = driver
      const errors = [
        ...(name === '' ? [required(`${path}.name`)] : problemsAt(`${path}.name`, name, driverNameProblems(name))),
        ...validateNodeId(nodeID, `${path}.nodeID`),
        ...checkNotNegative(`${path}.allocatable.count`, allocatable?.count),
      ]
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
      names.add(name)
      return [...errors, ...validateTopologyKeys(driver.topologyKeys ?? [], path)]
    })
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    checkEach('spec.drivers', driversOf(object), ({ name, nodeID }, path) => {
      const before = driversOf(previous).find((driver) => driver.name === name)
      return before === undefined ? [] : checkUnchanged(`${path}.nodeID`, nodeID, before.nodeID)
    }),
}

const longestNodeId = 256

function validateNodeId(nodeId: string, path: string): FieldError[] {
  if (nodeId === '') return [required(path)]
  const words = `must be ${longestNodeId} characters or less`
  return new TextEncoder().encode(nodeId).length > longestNodeId ? [invalid(path, nodeId, words)] : []
}

/** Labels of nodes; Kubernetes tells of them at the path of the driver. */
function validateTopologyKeys(keys: readonly string[], path: string): FieldError[] {
  const isRepeat = repeats()
  return keys.flatMap((key) => [
    ...(key === '' ? [required(path)] : []),
    ...(isRepeat(key) ? [duplicate(path, key)] : []),
    ...problemsAt(path, keys, qualifiedNameProblems(key)),
  ])
}
