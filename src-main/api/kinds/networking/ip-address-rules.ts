import { required, type FieldError } from '../../field-error.ts'
import { checkSegment, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems, pathSegmentProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { IPAddress, IPAddressSpec } from '../../types/networking-v1.ts'

/** An address is named by itself (see `resource-names`), and belongs to somebody for good. */
export const ipAddressRules = {
  validate(object: DynamicObject): FieldError[] {
    const { parentRef }: Partial<IPAddressSpec> = (object as unknown as Partial<IPAddress>).spec ?? {}
    const path = 'spec.parentRef'
    if (parentRef === undefined) return [required(path)]
    const { group = '', resource, name, namespace = '' } = parentRef
    return [
      // That of services has no name.
      ...(group === '' ? [] : problemsAt(`${path}.group`, group, dnsSubdomainProblems(group))),
      ...checkSegment(`${path}.resource`, resource),
      ...checkSegment(`${path}.name`, name),
      ...problemsAt(`${path}.namespace`, namespace, pathSegmentProblems(namespace)),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    checkUnchanged(
      'spec.parentRef',
      (object as unknown as Partial<IPAddress>).spec?.parentRef,
      (previous as unknown as Partial<IPAddress>).spec?.parentRef,
    ),
}
