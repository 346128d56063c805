import { duplicate, invalid, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { CSIDriver } from '../../types/storage-v1.ts'

const asDriver = (object: DynamicObject): CSIDriver => object as unknown as CSIDriver
const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
const leastTokenSeconds = 600

/** The name of a driver, as other objects speak of it. */
export const driverNameProblems = (name: string): string[] => [
  ...(name.length > 63 ? ['must be no more than 63 characters'] : []),
  ...dnsSubdomainProblems(name.toLowerCase()),
]

/** What the cluster must do for a driver: most of it cannot be changed while volumes are there. */
export const csiDriverRules = {
  updatesNeedVersion: true,
  defaults(draft: DynamicObject): void {
    const { spec } = asDriver(draft)
    if (spec === undefined) return
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent']
  },
  validate(object: DynamicObject): FieldError[] {
    const { metadata, spec } = asDriver(object)
    const name = metadata?.name ?? ''
    const audiences = new Set<string>()
    return [
      ...problemsAt('metadata.name', name, driverNameProblems(name)),
      ...checkOneOf('spec.fsGroupPolicy', spec?.fsGroupPolicy, policies),
      ...checkEach('spec.volumeLifecycleModes', spec?.volumeLifecycleModes, (mode) =>
        checkOneOf('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']),
      ),
      ...checkEach('spec.tokenRequests', spec?.tokenRequests, ({ audience = '', expirationSeconds }, path) => {
        const errors: FieldError[] = audiences.has(audience) ? [duplicate(`${path}.audience`, audience)] : []
        audiences.add(audience)
        if (expirationSeconds !== undefined && expirationSeconds < leastTokenSeconds)
          errors.push(
            invalid(`${path}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'),
          )
        return errors
      }),
      ...atLeastTen(spec?.nodeAllocatableUpdatePeriodSeconds),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    (['attachRequired', 'volumeLifecycleModes'] as const).flatMap((field) =>
      checkUnchanged(`spec.${field}`, asDriver(object).spec?.[field], asDriver(previous).spec?.[field]),
    ),
}

const atLeastTen = (seconds: number | undefined): FieldError[] =>
  seconds !== undefined && seconds < 10
    ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', seconds, 'must be greater than or equal to 10 seconds')]
    : []
