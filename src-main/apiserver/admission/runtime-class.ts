/** A pod gets the overhead and the placement of its runtime class. */
import { forbiddenRequest } from '../../api/errors.ts'
import { sameValue } from '../../api/meta/field-checks.ts'
import type { PodSpec, Toleration } from '../../api/types/core-v1.ts'
import type { Overhead, RuntimeClass, Scheduling } from '../../api/types/node-v1.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate(request, { cache }) {
    const spec = newPodSpec(request)
    if (spec === undefined) return
    const found = classOf(request, spec, cache)
    if (found === undefined) return
    setOverhead(request, spec, found.overhead)
    if (found.scheduling !== undefined) setPlacement(request, spec, found.scheduling)
  },
  validate(request, { cache }) {
    const spec = newPodSpec(request)
    if (spec?.overhead === undefined) return
    if (classOf(request, spec, cache)?.overhead !== undefined) return
    throw rejected(request, 'Pod Overhead set without corresponding RuntimeClass defined Overhead')
  },
}

function newPodSpec({ operation, kind, subresource, object }: AdmissionRequest): PodSpec | undefined {
  if (operation !== 'CREATE' || kind.group !== '' || kind.plural !== 'pods' || subresource !== '') return undefined
  return object.spec as PodSpec | undefined
}

const rejected = ({ kind, name }: AdmissionRequest, words: string): Error =>
  forbiddenRequest(kind, name, `pod rejected: ${words}`)

function classOf(request: AdmissionRequest, spec: PodSpec, cache: WatchCache): RuntimeClass | undefined {
  const name = spec.runtimeClassName ?? ''
  if (name === '') return undefined
  const stored = cache.resource('node.k8s.io/runtimeclasses').get(name)
  if (stored === undefined) throw rejected(request, `RuntimeClass ${JSON.stringify(name)} not found`)
  return stored.object as unknown as RuntimeClass
}

function setOverhead(request: AdmissionRequest, spec: PodSpec, overhead: Overhead | undefined): void {
  if (overhead === undefined) return
  if (spec.overhead !== undefined && !sameValue(spec.overhead, overhead.podFixed ?? {}))
    throw rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  spec.overhead = { ...overhead.podFixed }
}

function setPlacement(request: AdmissionRequest, spec: PodSpec, { nodeSelector, tolerations }: Scheduling): void {
  const own = spec.nodeSelector ?? {}
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const wanted = own[key]
    if (wanted !== undefined && wanted !== value) {
      const words = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${wanted}`
      throw rejected(request, words)
    }
  }
  if (nodeSelector !== undefined) spec.nodeSelector = { ...own, ...nodeSelector }
  const known = spec.tolerations ?? []
  const more = (tolerations ?? []).filter((one) => !known.some((other) => sameToleration(one, other)))
  if (more.length > 0) spec.tolerations = [...known, ...more]
}

const sameToleration = (left: Toleration, right: Toleration): boolean => sameValue(left, right)
