import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { repeats } from '../../meta/repeats.ts'
import type { CSINode, CSINodeDriver } from '../../types/storage-v1.ts'
import { textBytes } from '../core/data-validation.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'

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
        ...checkDriverName(`${path}.name`, name),
        ...validateNodeId(nodeID, `${path}.nodeID`),
        ...checkNotNegative(`${path}.allocatable.count`, allocatable?.count),
      ]
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
      names.add(name)
      return [...errors, ...validateTopologyKeys(driver.topologyKeys ?? [], path)]
    })
  },
  /** Of a driver that was there, only how many volumes it can attach may change (KEP-4876). */
  validateUpdate(object: DynamicObject, previous: DynamicObject): FieldError[] {
    const lasting = ({ allocatable: _count, ...rest }: CSINodeDriver): object => rest
    const now = new Map(driversOf(object).map((driver) => [driver.name, driver]))
    return driversOf(previous).flatMap((before) => {
      const driver = now.get(before.name)
      return driver === undefined ? [] : checkUnchanged('spec.drivers', lasting(driver), lasting(before))
    })
  },
}

const longestNodeId = 256

function validateNodeId(nodeId: string, path: string): FieldError[] {
  if (nodeId === '') return [required(path)]
  const words = `must be ${longestNodeId} characters or less`
  return textBytes(nodeId) > longestNodeId ? [invalid(path, nodeId, words)] : []
}

/** Labels of nodes; Kubernetes tells of them at the path of the driver. */
function validateTopologyKeys(keys: readonly string[], path: string): FieldError[] {
  const isRepeat = repeats()
  return keys.flatMap((key) => [
    ...(key === '' ? [required(path)] : []),
    ...(isRepeat(key) ? [duplicate(path, key)] : []),
    ...problemsAt(path, key, qualifiedNameProblems(key)),
  ])
}
