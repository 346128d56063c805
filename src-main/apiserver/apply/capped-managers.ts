/** The order of `metadata.managedFields`, and how many of those who update an object are told apart. */
import type { ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import { fromFieldsV1, toFieldsV1, union } from './field-set.ts'

/** With more, the oldest become one entry for each version, so that an object does not grow with every new client. */
const updatersLimit = 10
const oldUpdaters = 'ancient-changes'

/** Those who apply come first, then by time. */
export function cappedManagers(entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
  return capped(entries).toSorted(inOrder)
}

function capped(entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
  const updaters = entries.filter(({ operation }) => operation !== 'Apply')
  if (updaters.length <= updatersLimit) return entries
  const kept = new Set(entries)
  const firstOfVersion = new Map<string, ManagedFieldsEntry>()
  let count = updaters.length
  for (const entry of updaters.toSorted(inOrder)) {
    if (count <= updatersLimit) break
    const { apiVersion = '' } = entry
    const first = firstOfVersion.get(apiVersion)
    const merged = first === undefined ? entry : mergedEntry(first, entry)
    firstOfVersion.set(apiVersion, merged)
    if (first === undefined) continue
    kept.delete(first)
    kept.delete(entry)
    kept.add(merged)
    count--
  }
  return [...kept]
}

/** As of the later one. */
function mergedEntry(first: ManagedFieldsEntry, second: ManagedFieldsEntry): ManagedFieldsEntry {
  const { apiVersion, time } = second
  return {
    ...{ manager: oldUpdaters, operation: 'Update', apiVersion },
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(union(fromFieldsV1(first.fieldsV1), fromFieldsV1(second.fieldsV1))),
  }
}

function inOrder(left: ManagedFieldsEntry, right: ManagedFieldsEntry): number {
  const keys = (entry: ManagedFieldsEntry): (string | undefined)[] => {
    const { operation, time, manager, apiVersion, subresource } = entry
    return [operation, time, manager, apiVersion, subresource]
  }
  const others = keys(right)
  for (const [index, own = ''] of keys(left).entries()) {
    const other = others[index] ?? ''
    if (own !== other) return own < other ? -1 : 1
  }
  return 0
}
