import type { ObjectMeta } from '../../api/types/meta-v1.ts'

/** Go leaves empty maps, lists and names of metadata out, and so do we, so that no-op updates are seen as such. */
export function withoutEmpty(meta: ObjectMeta): ObjectMeta {
  const entries = Object.entries(meta).filter(
    ([, value]) =>
      value !== undefined && value !== '' && !(typeof value === 'object' && Object.keys(value as object).length === 0),
  )
  return Object.fromEntries(entries)
}
