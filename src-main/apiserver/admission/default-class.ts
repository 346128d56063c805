/** Classes of which one may call itself the default by an annotation. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { WatchCache } from '../cache/watch-cache.ts'

/** The default class of a resource: of several the newest, and of those made at the same time the first by name. */
export function defaultClass(cache: WatchCache, resource: string, annotations: readonly string[]): string | undefined {
  const classes = cache.resource(resource)
  if (classes.size === 0) return undefined
  const defaults = classes
    .list({})
    .map(({ object }) => object)
    .filter(({ metadata }) => annotations.some((annotation) => metadata?.annotations?.[annotation] === 'true'))
    .toSorted((left, right) => createdMs(right) - createdMs(left))
  return defaults[0]?.metadata?.name
}

const createdMs = ({ metadata }: DynamicObject): number => Date.parse(metadata?.creationTimestamp ?? '')
