import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, immutable, problemsAt } from '../../meta/field-checks.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { sloppyCidrFamily, strictCidrProblems } from '../../meta/strict-ip.ts'
import type { ServiceCIDR } from '../../types/networking-v1.ts'

const path = 'spec.cidrs'
const cidrsOf = (object: DynamicObject): readonly string[] => (object as ServiceCIDR).spec?.cidrs ?? []

function validateCidrs(cidrs: readonly string[]): FieldError[] {
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')]
  // Kubernetes shows its own structure.
  if (cidrs.length > 2) return [invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const errors = checkEach(path, cidrs, (cidr, at) => problemsAt(at, cidr, strictCidrProblems(cidr)))
  const [first, second] = cidrs.map(sloppyCidrFamily)
  const words = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
  return cidrs.length === 2 && first === second && first !== undefined
    ? [...errors, invalid(path, cidrs, words)]
    : errors
}

/** One range, or one of each family; ranges that services have addresses of do not move. */
export const serviceCidrRules = {
  validateNew: (object: DynamicObject): FieldError[] => validateCidrs(cidrsOf(object)),
  validateStatus: (): FieldError[] => [],
  validateUpdate(object: DynamicObject, previous: DynamicObject): FieldError[] {
    const [now, before] = [cidrsOf(object), cidrsOf(previous)]
    const joins = before.length === 1 && now.length === 2
    if (now.length !== before.length && !joins) return [invalid(path, now, immutable)]
    const moved = before.flatMap((cidr, index) =>
      now[index] === cidr ? [] : [invalid(`${path}[${index}]`, now[index], immutable)],
    )
    // A second family may join.
    return joins ? [...moved, ...validateCidrs(now)] : moved
  },
}
