/** The fields by which many clients narrow what they list and watch: each node asks for its own pods. */
import type { Pod } from '../../api/types/core-v1.ts'
import type { FieldReaders } from './watcher-index.ts'

export const indexedFields: Readonly<Record<string, FieldReaders>> = {
  'core/pods': { 'spec.nodeName': (object) => (object as Pod).spec?.nodeName ?? '' },
}
