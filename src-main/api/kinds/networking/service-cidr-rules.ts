import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { cidrFamily, cidrProblems } from '../../meta/ip.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { ServiceCIDR } from '../../types/networking-v1.ts'

/** One range, or one of each family; ranges that services have addresses of do not move. */
export const serviceCidrRules = {
  validate(object: DynamicObject): FieldError[] {
    const { cidrs = [] } = (object as ServiceCIDR).spec ?? {}
    if (cidrs.length === 0) return [required('spec.cidrs', 'at least one CIDR required')]
    const errors = checkEach('spec.cidrs', cidrs, (cidr, path) => problemsAt(path, cidr, cidrProblems(cidr)))
    const [first = '', second = ''] = cidrs
    if (cidrs.length > 2) errors.push(invalid('spec.cidrs', cidrs, 'may only hold up to 2 values'))
    else if (cidrs.length === 2 && cidrFamily(first) === cidrFamily(second))
      errors.push(invalid('spec.cidrs', cidrs, 'may specify no more than one IP for each IP family, i.e [IPv4, IPv6]'))
    return errors
  },
  validateUpdate(object: DynamicObject, previous: DynamicObject): FieldError[] {
    const now = (object as ServiceCIDR).spec?.cidrs ?? []
    const before = (previous as ServiceCIDR).spec?.cidrs ?? []
    // A second family may join; what is there stays.
    if (before.length === 1 && now.length === 2)
      return now[0] === before[0] ? [] : [forbidden('spec.cidrs[0]', 'field is immutable')]
    return checkUnchanged('spec.cidrs', now, before)
  },
}
