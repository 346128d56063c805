/** Which labels of the reserved domains a node may give itself. */
import { sameValue } from '../../api/meta/field-checks.ts'

type Labels = Readonly<Record<string, string>>

const restrictedPrefix = 'node-restriction.kubernetes.io'
const ownLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
])
const ownPrefixes = ['kubelet.kubernetes.io', 'node.kubernetes.io']

const isIn = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`)

/** The changed labels that are not the node's to set; sorted. */
export function forbiddenNodeLabels(before: Labels | undefined, after: Labels | undefined): string[] {
  const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...keys].filter((key) => !sameValue(before?.[key], after?.[key]) && isForbidden(key)).toSorted()
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/')
  const domain = slash < 0 ? '' : key.slice(0, slash)
  if (isIn(domain, restrictedPrefix)) return true
  if (!isIn(domain, 'kubernetes.io') && !isIn(domain, 'k8s.io')) return false
  return !ownLabels.has(key) && !ownPrefixes.some((prefix) => isIn(domain, prefix))
}
