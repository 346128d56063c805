/** What `kubectl explain` says of the common kinds: one line of our own for a definition and for each of its fields. */
import { dataTexts } from './data.ts'
import { metaTexts } from './meta.ts'
import { podTexts } from './pods.ts'
import { serviceTexts } from './services.ts'
import type { Texts } from './texts.ts'
import { workloadTexts } from './workloads.ts'

const texts: Texts = { ...metaTexts, ...podTexts, ...workloadTexts, ...serviceTexts, ...dataTexts }

/**
 * What every object has, in the same words everywhere. How two of them and that of `creationTimestamp` begin is what the
 * official conformance tests look for.
 */
const common: Readonly<Record<string, string>> = {
  apiVersion: 'APIVersion defines the group and version of the kind, such as apps/v1.',
  kind: 'What sort of object this is.',
  metadata: "Standard object's metadata: name, labels and what else all objects have.",
  spec: 'What is wanted.',
  status: 'How it is, as far as the cluster knows.',
}

/** Of a field that every object has, for kinds that no release describes. */
export const describeCommon = (field: string): string | undefined => common[field]

/** Undefined for what nobody has written down. */
export function describe(definition: string, field?: string): string | undefined {
  const [text, fields] = texts[definition] ?? []
  if (field === undefined) return text
  return fields?.[field] ?? (text === undefined ? undefined : common[field])
}
