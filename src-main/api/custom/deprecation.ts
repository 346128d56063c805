import { byVersionPriority } from '../meta/version-priority.ts'
import type { CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from '../types/apiextensions-v1.ts'

/** What the users of a deprecated version are told: the CRD's own words, or where to go from here. */
export function deprecationOf(
  { group, names: { kind }, versions }: CustomResourceDefinitionSpec,
  { name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
): string | undefined {
  if (deprecated !== true) return undefined
  if (deprecationWarning !== undefined) return deprecationWarning
  const text = `${group}/${name} ${kind} is deprecated`
  const [better] = versions
    .filter((one) => one.served && one.deprecated !== true && byVersionPriority(one.name, name) < 0)
    .map((one) => one.name)
    .toSorted(byVersionPriority)
  return better === undefined ? text : `${text}; use ${group}/${better} ${kind}`
}
