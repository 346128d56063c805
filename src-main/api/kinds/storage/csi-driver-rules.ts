import { duplicate, invalid, notSupported, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, checkUnchanged } from '../../meta/field-checks.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { repeats } from '../../meta/repeats.ts'
import type { CSIDriver } from '../../types/storage-v1.ts'

const asDriver = (object: DynamicObject): CSIDriver => object as unknown as CSIDriver
const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
const lifecycleModes = ['Persistent', 'Ephemeral']
const leastTokenSeconds = 600

/** What the cluster must do for a driver: most of it cannot be changed while volumes are there. */
export const csiDriverRules = {
  updatesNeedVersion: true,
  defaults(draft: DynamicObject): void {
    const driver: Partial<CSIDriver> = asDriver(draft)
    const spec = (driver.spec ??= {})
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent']
  },
  validate(object: DynamicObject): FieldError[] {
    const { spec } = asDriver(object)
    return [
      ...checkOptionalOneOf('spec.fsGroupPolicy', spec?.fsGroupPolicy, policies),
      ...validateTokenRequests(spec?.tokenRequests),
      ...(spec?.volumeLifecycleModes ?? [])
        .filter((mode) => !lifecycleModes.includes(mode))
        .map((mode) => notSupported('spec.volumeLifecycleModes', mode, lifecycleModes)),
      ...atLeastTen(spec?.nodeAllocatableUpdatePeriodSeconds),
      ...validateTokensInSecrets(spec),
    ]
  },
  validateUpdate(object: DynamicObject, previous: DynamicObject): FieldError[] {
    const [now, before] = [asDriver(object).spec, asDriver(previous).spec]
    return [
      // Kubernetes' own word for the field.
      ...checkUnchanged('spec.attachedRequired', now?.attachRequired, before?.attachRequired),
      ...checkUnchanged('spec.volumeLifecycleModes', now?.volumeLifecycleModes, before?.volumeLifecycleModes),
    ]
  },
}

/** For each audience one token, that lives no shorter and no longer than a token may. */
function validateTokenRequests(requests: CSIDriver['spec']['tokenRequests']): FieldError[] {
  const isRepeat = repeats()
  return checkEach('spec.tokenRequests', requests, ({ audience = '', expirationSeconds: seconds }, path) => {
    if (isRepeat(audience)) return [duplicate(`${path}.audience`, audience)]
    const at = `${path}.expirationSeconds`
    if (seconds === undefined) return []
    if (seconds < leastTokenSeconds) return [invalid(at, seconds, 'may not specify a duration less than 10 minutes')]
    return seconds > 2 ** 32 ? [invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds')] : []
  })
}

const atLeastTen = (seconds: number | undefined): FieldError[] =>
  seconds !== undefined && seconds < 10
    ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', seconds, 'must be greater than or equal to 10 seconds')]
    : []

const validateTokensInSecrets = (spec: Partial<CSIDriver['spec']> | undefined): FieldError[] =>
  spec?.serviceAccountTokenInSecrets !== undefined && (spec.tokenRequests ?? []).length === 0
    ? [
        invalid(
          'spec.serviceAccountTokenInSecrets',
          spec.serviceAccountTokenInSecrets,
          'serviceAccountTokenInSecrets is set but no tokenRequests are specified',
        ),
      ]
    : []
