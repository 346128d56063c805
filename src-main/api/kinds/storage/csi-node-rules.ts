import { duplicate, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { CSINode } from '../../types/storage-v1.ts'
import { driverNameProblems } from './csi-driver-rules.ts'

const driversOf = (object: DynamicObject): CSINode['spec']['drivers'] =>
  (object as unknown as CSINode).spec?.drivers ?? []

/** What drivers a node has, each once; what a driver calls the node stays. */
export const csiNodeRules = {
  updatesNeedVersion: true,
  validate(object: DynamicObject): FieldError[] {
    const names = new Set<string>()
    return checkEach('spec.drivers', driversOf(object), ({ name = '', nodeID = '', allocatable }, path) => {
      const errors =
        name === '' ? [required(`${path}.name`)] : problemsAt(`${path}.name`, name, driverNameProblems(name))
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
      names.add(name)
      if (nodeID === '') errors.push(required(`${path}.nodeID`))
      return [...errors, ...checkNotNegative(`${path}.allocatable.count`, allocatable?.count)]
    })
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    checkEach('spec.drivers', driversOf(object), ({ name, nodeID }, path) => {
      const before = driversOf(previous).find((driver) => driver.name === name)
      return before === undefined ? [] : checkUnchanged(`${path}.nodeID`, nodeID, before.nodeID)
    }),
}
