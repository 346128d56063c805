import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkRequired, checkUnchanged } from '../../meta/field-checks.ts'
import { ipFamily } from '../../meta/ip.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { IPAddress } from '../../types/networking-v1.ts'

/** An address is named by itself, in the one way in which it is written, and belongs to somebody for good. */
export const ipAddressRules = {
  validate(object: DynamicObject): FieldError[] {
    const { metadata, spec } = object as unknown as IPAddress
    const name = metadata?.name ?? ''
    const canonical = ipFamily(name) === 4 || (ipFamily(name) === 6 && name === name.toLowerCase())
    const words = 'must be a canonical form IP address'
    const errors = canonical ? [] : [invalid('metadata.name', name, words)]
    const { parentRef } = (spec ?? {}) as Partial<IPAddress['spec']>
    if (parentRef === undefined) return [...errors, required('spec.parentRef')]
    return [
      ...errors,
      ...checkRequired('spec.parentRef.resource', parentRef.resource),
      ...checkRequired('spec.parentRef.name', parentRef.name),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    checkUnchanged(
      'spec.parentRef',
      (object as unknown as IPAddress).spec?.parentRef,
      (previous as unknown as IPAddress).spec?.parentRef,
    ),
}
