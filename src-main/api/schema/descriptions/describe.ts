/** What `kubectl explain` says of the common kinds: one line of our own for a definition and for each of its fields. */
import { dataTexts } from './data.ts'
import { metaTexts } from './meta.ts'
import { podTexts } from './pods.ts'
import { serviceTexts } from './services.ts'
import type { Texts } from './texts.ts'
import { workloadTexts } from './workloads.ts'

const texts: Texts = { ...metaTexts, ...podTexts, ...workloadTexts, ...serviceTexts, ...dataTexts }

/** What every object has, in the same words everywhere. */
const common: Readonly<Record<string, string>> = {
  apiVersion: 'Group and version of the kind, such as apps/v1.',
  kind: 'What sort of object this is.',
  metadata: 'Name, labels and what else all objects have.',
  spec: 'What is wanted.',
  status: 'How it is, as far as the cluster knows.',
}

/** Undefined for what nobody has written down. */
export function describe(definition: string, field?: string): string | undefined {
  const [text, fields] = texts[definition] ?? []
  if (field === undefined) return text
  return fields?.[field] ?? (text === undefined ? undefined : common[field])
}
