import type { Kind } from '../api/define-kind.ts'
import { stableText } from '../api/meta/pod.ts'
import { dropZeroValues } from '../api/schema/drop-zero-values.ts'
import { schemaOf } from '../api/schema/schema.ts'

/**
 * Whether the API has a status already. What says nothing in it, such as a count of zero, the API leaves out; without
 * that in mind the same status would be written over and over.
 */
export function isStoredStatus(
  kind: Pick<Kind, 'group' | 'version' | 'kind'>,
  status: object,
  stored: object | undefined,
): boolean {
  const schema = schemaOf(kind)
  const draft = { status: structuredClone(status) }
  if (schema !== undefined) dropZeroValues(draft, schema)
  return stableText(draft.status) === stableText(stored)
}
