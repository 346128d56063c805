/** Devices that a pod claims (KEP-4381), and which of them its containers use. */
import { duplicate, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, problemsAt } from '../../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from '../../../meta/names.ts'
import type { PodResourceClaim, ResourceClaim } from '../../../types/core-v1.ts'

export function validatePodClaims(claims: readonly PodResourceClaim[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return checkEach(path, claims, (claim, at) => {
    const { name = '', resourceClaimName: own, resourceClaimTemplateName: template } = claim
    const errors = name === '' ? [required(`${at}.name`)] : problemsAt(`${at}.name`, name, dnsLabelProblems(name))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    if (own !== undefined && template !== undefined)
      errors.push(
        invalid(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      )
    if (own === undefined && template === undefined)
      errors.push(invalid(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    if (own !== undefined) errors.push(...problemsAt(`${at}.resourceClaimName`, own, dnsSubdomainProblems(own)))
    if (template !== undefined)
      errors.push(...problemsAt(`${at}.resourceClaimTemplateName`, template, dnsSubdomainProblems(template)))
    return errors
  })
}

/** Claims of a container must be among those of its pod. */
export function validateClaimUses(
  claims: readonly ResourceClaim[] | undefined,
  ofPod: readonly string[],
  path: string,
): FieldError[] {
  if (claims === undefined || claims.length === 0) return []
  const known = new Set(ofPod)
  const among = known.size === 0 ? ' which is empty' : `: ${[...known].toSorted().join(', ')}`
  const used = new Set<string>()
  return checkEach(path, claims, ({ name = '', request = '' }, at) => {
    if (name === '') return [required(at)]
    const key = `${name}/${request}`
    const errors = used.has(key) ? [duplicate(at, name)] : []
    used.add(key)
    if (known.has(name)) return errors
    const detail = `must be one of the names in pod.spec.resourceClaims${among}`
    return [...errors, { type: 'FieldValueNotFound', path: at, value: name, detail }]
  })
}
