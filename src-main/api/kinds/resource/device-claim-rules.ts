import { forbidden, type FieldError } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateAnnotations, validateLabels } from '../../meta/validate-labels.ts'
import type { ObjectMeta } from '../../types/meta-v1.ts'
import type { ResourceClaim, ResourceClaimTemplate } from '../../types/resource-v1.ts'
import { dropReleasedDevices, validateClaimStatus } from './claim-status.ts'
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts'

const asClaim = (object: DynamicObject): ResourceClaim => object as unknown as ResourceClaim
const asTemplate = (object: DynamicObject): ResourceClaimTemplate => object as unknown as ResourceClaimTemplate
/** Since nothing of it changes, there is nothing else to say of it. */
const sameSpec = (object: DynamicObject, previous: DynamicObject): FieldError[] =>
  checkUnchanged('spec', object.spec, previous.spec)

export const resourceClaimRules = {
  defaults(draft: DynamicObject): void {
    const { spec, status } = asClaim(draft)
    defaultDeviceClaim(spec?.devices)
    for (const { tolerations } of status?.allocation?.devices?.results ?? [])
      for (const toleration of tolerations ?? []) toleration.operator ??= 'Equal'
  },
  validateNew: (object: DynamicObject): FieldError[] =>
    validateDeviceClaim(asClaim(object).spec?.devices, 'spec.devices'),
  validateUpdate: sameSpec,
  validateStatus: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    validateClaimStatus(asClaim(object), asClaim(previous)),
  prepareUpdate: (draft: DynamicObject, previous: DynamicObject): void =>
    dropReleasedDevices(asClaim(draft), asClaim(previous)),
}

export const resourceClaimTemplateRules = {
  defaults: (draft: DynamicObject): void => defaultDeviceClaim(asTemplate(draft).spec?.spec?.devices),
  validateNew(object: DynamicObject): FieldError[] {
    const { spec } = asTemplate(object)
    return [
      ...validateTemplateMeta(spec?.metadata, 'spec.metadata'),
      ...validateDeviceClaim(spec?.spec?.devices, 'spec.spec.devices'),
    ]
  },
  validateUpdate: sameSpec,
}

/** Claims get nothing else from their template. */
function validateTemplateMeta(metadata: ObjectMeta | undefined, path: string): FieldError[] {
  const { annotations, labels, ...rest } = metadata ?? {}
  return [
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...validateLabels(labels, `${path}.labels`),
    ...Object.entries(rest).flatMap(([name, value]) =>
      value === undefined ? [] : [forbidden(`${path}.${name}`, 'cannot be set')],
    ),
  ]
}
