import type { ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import { UnidentifiedItem } from './shape.ts'

/** None of an object whose parts cannot be told apart: what is wrong with it, its validation says. */
export function trackable(track: () => readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  try {
    return [...track()]
  } catch (error) {
    if (error instanceof UnidentifiedItem) return []
    throw error
  }
}
