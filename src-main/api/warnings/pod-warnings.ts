/** What Kubernetes warns of in a pod, or in the template of one. Source: the warnings of its pod strategy. */
import { repeats } from '../meta/repeats.ts'
import type { Affinity, PodAffinityTerm, PodSpec } from '../types/core-v1.ts'
import type { ObjectMeta } from '../types/meta-v1.ts'
import { annotationWarning } from './annotation-warning.ts'
import { containerWarnings } from './container-warnings.ts'
import { fractionalByteWarnings } from './fractional-bytes.ts'
import { nodeLabelWarning, selectorTermWarnings } from './node-labels.ts'
import { volumeWarnings } from './volume-warnings.ts'

interface PodLike {
  readonly metadata?: ObjectMeta
  readonly spec?: PodSpec
}

const sysctls = 'non-functional in v1.11+; use the "sysctls" field instead'
const deprecatedAnnotations: readonly (readonly [key: string, text: string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', sysctls],
  ['security.alpha.kubernetes.io/unsafe-sysctls', sysctls],
]
const seccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod'

/** `path`: of the template, with its dot; empty for a pod itself. */
export function podWarnings({ metadata = {}, spec }: PodLike, path = ''): string[] {
  if (spec === undefined) return []
  const at = `${path}spec`
  const metadataPath = `${path}metadata`
  const { hostAliases = [], imagePullSecrets = [], securityContext, terminationGracePeriodSeconds: grace = 0 } = spec
  return [
    ...placementWarnings(spec, at),
    ...deprecatedAnnotations.flatMap(([key, text]) => annotationWarning(metadata, key, text, metadataPath)),
    ...volumeWarnings(spec.volumes ?? [], `${at}.volumes`),
    ...repeated(
      hostAliases.map(({ ip }) => ip),
      (index, ip) => `${at}.hostAliases[${index}].ip: duplicate ip ${ip}`,
    ),
    ...repeated(
      imagePullSecrets.map(({ name = '' }) => name),
      (index, name) => `${at}.imagePullSecrets[${index}].name: duplicate name ${name}`,
    ),
    ...imagePullSecrets.flatMap(({ name = '' }, index) =>
      name === '' ? [`${at}.imagePullSecrets[${index}].name: invalid empty name ""`] : [],
    ),
    ...fractionalByteWarnings(spec.overhead, ['memory', 'ephemeral-storage'], `${at}.overhead`),
    ...(securityContext?.seccompProfile === undefined
      ? annotationWarning(
          metadata,
          seccompAnnotation,
          'non-functional in v1.27+; use the "seccompProfile" field instead',
          metadataPath,
        )
      : []),
    ...containerWarnings(spec, metadata, at, metadataPath),
    ...(grace < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(spec.affinity, `${at}.affinity`),
  ]
}

const noPod = 'a null labelSelector results in matching no pod'

function placementWarnings(
  { nodeSelector = {}, affinity, topologySpreadConstraints = [] }: PodSpec,
  at: string,
): string[] {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const preferred = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const nodes = `${at}.affinity.nodeAffinity`
  return [
    ...Object.keys(nodeSelector).flatMap((label) => {
      const text = nodeLabelWarning(label)
      return text === undefined ? [] : [`${at}.nodeSelector[${label}]: ${text}`]
    }),
    ...required.flatMap((term, index) =>
      selectorTermWarnings(term, `${nodes}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`),
    ),
    ...preferred.flatMap(({ preference }, index) =>
      selectorTermWarnings(preference, `${nodes}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`),
    ),
    ...topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, index) => {
      const constraint = `${at}.topologySpreadConstraints[${index}]`
      const text = nodeLabelWarning(topologyKey)
      return [
        ...(text === undefined ? [] : [`${constraint}.topologyKey: ${topologyKey} is ${text}`]),
        ...(labelSelector === undefined ? [`${constraint}.labelSelector: ${noPod}`] : []),
      ]
    }),
  ]
}

function affinityWarnings(affinity: Affinity | undefined, at: string): string[] {
  const unselective = (terms: readonly PodAffinityTerm[], pathAt: (index: number) => string): string[] =>
    terms.flatMap(({ labelSelector }, index) =>
      labelSelector === undefined ? [`${pathAt(index)}.labelSelector: ${noPod}`] : [],
    )
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((field) => {
    const rules = affinity?.[field]
    const preferred = rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    return [
      ...unselective(
        rules?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
        (index) => `${at}.${field}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`,
      ),
      ...unselective(
        preferred.map(({ podAffinityTerm }) => podAffinityTerm),
        (index) => `${at}.${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`,
      ),
    ]
  })
}

function repeated(values: readonly string[], text: (index: number, quoted: string) => string): string[] {
  const isRepeat = repeats()
  return values.flatMap((value, index) => (isRepeat(value) ? [text(index, JSON.stringify(value))] : []))
}
