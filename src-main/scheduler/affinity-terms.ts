/** Terms of pod affinity and anti-affinity, ready to be matched and counted. */
import { labelSelectorFrom, nothing, parseLabelSelector, type Selector } from '../api/meta/label-selector.ts'
import type { Live } from '../api/meta/object.ts'
import { stableText } from '../api/meta/pod.ts'
import type { Pod, PodAffinityTerm } from '../api/types/core-v1.ts'
import type { LabelSelectorRequirement } from '../api/types/meta-v1.ts'

export interface AffinityTerm {
  readonly topologyKey: string
  readonly selector: Selector
  readonly namespaces: ReadonlySet<string>
  /** Also pods in namespaces with such labels. */
  readonly namespaceSelector: Selector | undefined
  /** The same for terms that say the same. */
  readonly id: string
}

export interface WeightedTerm {
  readonly term: AffinityTerm
  readonly weight: number
}

export interface PodTerms {
  readonly affinity: readonly AffinityTerm[]
  readonly antiAffinity: readonly AffinityTerm[]
  readonly preferred: readonly WeightedTerm[]
  /** Weights are positive here too. */
  readonly preferredAnti: readonly WeightedTerm[]
}

const none: PodTerms = { affinity: [], antiAffinity: [], preferred: [], preferredAnti: [] }
const known = new WeakMap<Pod, PodTerms>()

/** Read once for each state of a pod. */
export function termsOf(pod: Live<Pod>): PodTerms {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {}
  if (podAffinity === undefined && podAntiAffinity === undefined) return none
  const cached = known.get(pod)
  if (cached !== undefined) return cached
  const one = (term: PodAffinityTerm): AffinityTerm => prepared(term, pod)
  const weighted = (terms: readonly { podAffinityTerm: PodAffinityTerm; weight: number }[] = []): WeightedTerm[] =>
    terms.map(({ podAffinityTerm, weight }) => ({ term: one(podAffinityTerm), weight }))
  const made = {
    affinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(one),
    antiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(one),
    preferred: weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  }
  known.set(pod, made)
  return made
}

/** Without any word on namespaces, the pod's own is meant. */
function prepared(term: PodAffinityTerm, pod: Live<Pod>): AffinityTerm {
  const { topologyKey, namespaces = [], namespaceSelector } = term
  const own = namespaces.length === 0 && namespaceSelector === undefined ? [pod.metadata.namespace ?? ''] : namespaces
  const selector = selectorOf(term, pod)
  return {
    topologyKey,
    selector,
    namespaces: new Set(own),
    namespaceSelector: namespaceSelector === undefined ? undefined : labelSelectorFrom(namespaceSelector),
    id: stableText([topologyKey, selector.matchesNothing ? null : selector.toString(), own, namespaceSelector]),
  }
}

/** `matchLabelKeys` and `mismatchLabelKeys` stand for the pod's own values of these labels (KEP-3633). */
function selectorOf(
  { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm,
  pod: Live<Pod>,
): Selector {
  const own = (keys: readonly string[], operator: string): LabelSelectorRequirement[] =>
    keys.flatMap((key) => {
      const value = pod.metadata.labels?.[key]
      return value === undefined ? [] : [{ key, operator, values: [value] }]
    })
  const extra = [...own(matchLabelKeys, 'In'), ...own(mismatchLabelKeys, 'NotIn')]
  if (labelSelector === undefined || extra.length === 0) return labelSelectorFrom(labelSelector)
  return labelSelectorFrom({
    ...labelSelector,
    matchExpressions: [...(labelSelector.matchExpressions ?? []), ...extra],
  })
}

export type LabelsOfNamespace = (name: string) => Readonly<Record<string, string>> | undefined

export function matchesTerm(term: AffinityTerm, pod: Live<Pod>, labelsOf: LabelsOfNamespace): boolean {
  return inNamespaces(term, pod.metadata.namespace ?? '', labelsOf) && term.selector.matches(pod.metadata.labels)
}

/** What matches the selectors of all terms. */
export function conjunction(terms: readonly AffinityTerm[]): Selector {
  const [only] = terms
  if (only !== undefined && terms.length === 1) return only.selector
  if (terms.some(({ selector }) => selector.matchesNothing)) return nothing
  return parseLabelSelector(
    terms
      .map(({ selector }) => selector.toString())
      .filter((text) => text !== '')
      .join(','),
  )
}

export const inNamespaces = (
  { namespaces, namespaceSelector }: AffinityTerm,
  name: string,
  labelsOf: LabelsOfNamespace,
): boolean => namespaces.has(name) || (namespaceSelector?.matches(labelsOf(name)) ?? false)
