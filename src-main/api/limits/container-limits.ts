/** What the containers of a pod get from a LimitRange when they say nothing of it. */
import type { Container, LimitRange, Pod } from '../types/core-v1.ts'

const annotation = 'kubernetes.io/limit-ranger'

type Texts = Record<string, string>

/** In place; an annotation tells what was filled in. */
export function fillContainerLimits(draft: Pod, range: LimitRange): void {
  const { limits, requests } = defaultsOf(range)
  const { spec } = draft
  if (spec === undefined || (Object.keys(limits).length === 0 && Object.keys(requests).length === 0)) return
  const told = [
    ...(spec.containers ?? []).flatMap((container) => fill(container, limits, requests, 'container')),
    ...(spec.initContainers ?? []).flatMap((container) => fill(container, limits, requests, 'init container')),
  ]
  if (told.length === 0) return
  const annotations = { ...draft.metadata?.annotations, [annotation]: `LimitRanger plugin set: ${told.join('; ')}` }
  draft.metadata = { ...draft.metadata, annotations }
}

function defaultsOf({ spec }: LimitRange): { limits: Texts; requests: Texts } {
  const items = (spec?.limits ?? []).filter(({ type }) => type === 'Container')
  return {
    limits: Object.assign({}, ...items.map((item) => item.default)) as Texts,
    requests: Object.assign({}, ...items.map((item) => item.defaultRequest)) as Texts,
  }
}

function fill(draft: Container, limits: Texts, requests: Texts, what: string): string[] {
  const own = draft.resources ?? {}
  const newRequests = Object.keys(requests).filter((name) => own.requests?.[name] === undefined)
  const newLimits = Object.keys(limits).filter((name) => own.limits?.[name] === undefined)
  if (newRequests.length + newLimits.length === 0) return []
  draft.resources = {
    ...own,
    ...withDefaults('requests', requests, own.requests),
    ...withDefaults('limits', limits, own.limits),
  }
  const sentence = (names: readonly string[], side: string): string[] =>
    names.length === 0 ? [] : [`${names.toSorted().join(', ')} ${side} for ${what} ${draft.name}`]
  return [...sentence(newRequests, 'request'), ...sentence(newLimits, 'limit')]
}

function withDefaults(side: 'requests' | 'limits', defaults: Texts, own: Texts | undefined): Record<string, Texts> {
  const all = { ...defaults, ...own }
  return Object.keys(all).length === 0 ? {} : { [side]: all }
}
