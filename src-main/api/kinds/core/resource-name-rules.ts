/** Which names of resources Kubernetes knows, and what may be said of those that it does not. */
import { invalid, type FieldError } from '../../field-error.ts'
import { problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'

const computed = ['cpu', 'memory', 'ephemeral-storage']
const counted = [
  ...['configmaps', 'persistentvolumeclaims', 'pods', 'replicationcontrollers', 'resourcequotas', 'secrets'],
  ...['services', 'services.loadbalancers', 'services.nodeports'],
]
const countedNames = new Set(counted)
const containerNames = new Set(computed)
const quotaNames = new Set([
  ...computed.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  ...counted,
  'requests.storage',
])
const isHugePages = (name: string): boolean => name.startsWith('hugepages-')

/** Whether quotas keep count of it by themselves. */
export const isQuotaName = (name: string): boolean => quotaNames.has(name) || /^(requests\.)?hugepages-/.test(name)

/** In the namespace of Kubernetes, which names without one are in too. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')

export const isExtendedResource = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedNameProblems(`requests.${name}`).length === 0

/** Whether more of it may be promised than there is. */
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)

/** Whether it is counted in whole ones. */
export const isWholeResource = (name: string): boolean => countedNames.has(name) || isExtendedResource(name)

function checkResourceName(path: string, name: string): FieldError[] {
  const problems = qualifiedNameProblems(name)
  if (problems.length > 0) return problemsAt(path, name, problems)
  if (name.includes('/') || name === 'storage' || isQuotaName(name)) return []
  return [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

export function checkQuotaName(path: string, name: string): FieldError[] {
  const errors = checkResourceName(path, name)
  return name.includes('/') || isQuotaName(name)
    ? errors
    : [...errors, invalid(path, name, 'must be a standard resource for quota')]
}

/** A name in a limit of `type`: of pods and containers, one that a container can ask for. */
export function checkLimitName(path: string, name: string, type: string): FieldError[] {
  const errors = checkResourceName(path, name)
  if (type !== 'Pod' && type !== 'Container') return errors
  if (!name.includes('/')) {
    const isKnown = containerNames.has(name) || isHugePages(name)
    return isKnown ? errors : [...errors, invalid(path, name, 'must be a standard resource for containers')]
  }
  return isNative(name) || isExtendedResource(name)
    ? errors
    : [...errors, invalid(path, name, "doesn't follow extended resource name standard")]
}
