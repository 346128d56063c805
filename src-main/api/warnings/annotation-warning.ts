import type { ObjectMeta } from '../types/meta-v1.ts'

/** What is said of an annotation where it is there. `path`: of the metadata. */
export function annotationWarning(
  metadata: ObjectMeta | undefined,
  key: string,
  text: string,
  path = 'metadata',
): string[] {
  return Object.hasOwn(metadata?.annotations ?? {}, key) ? [`${path}.annotations[${key}]: ${text}`] : []
}
