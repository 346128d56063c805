/** A pod template's identity: which ReplicaSet carries it. */
import { stableText } from '../../api/meta/pod.ts'
import type { PodTemplateSpec } from '../../api/types/core-v1.ts'

export const templateHashLabel = 'pod-template-hash'

export function withTemplateHash(template: PodTemplateSpec, hash: string): PodTemplateSpec {
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash }
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** The same but for the hash label, which only ReplicaSets carry. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return stableText(withoutHash(a)) === stableText(withoutHash(b))
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  if (template === undefined) return undefined
  const { [templateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {}
  const { creationTimestamp: _created, ...metadata } = template.metadata ?? {}
  return { ...template, metadata: { ...metadata, labels } }
}
