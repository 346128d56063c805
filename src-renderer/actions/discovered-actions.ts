import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import type { DiscoveredKind } from '../kinds/discovered.ts'
import type { Action } from './action.ts'
import { deleteAction } from './delete-action.ts'
import { scaleAction } from './scale-action.ts'

/** What goes along, for the kinds whose deletion takes more than the object and what it owns. */
const takenAlong: Readonly<Record<string, string>> = {
  Namespace: 'confirm.namespace',
  CustomResourceDefinition: 'confirm.definition',
  PersistentVolumeClaim: 'confirm.volume',
  PersistentVolume: 'confirm.volume',
}

/** What the API offers for any object of a kind. */
export function discoveredActions({ kind, verbs, hasScale }: DiscoveredKind, object: Live<KubernetesObject>): Action[] {
  const { replicas } = (object as { spec?: { replicas?: number } }).spec ?? {}
  const grave = takenAlong[kind.kind]
  return [
    ...(hasScale ? [scaleAction(kind, object, replicas ?? 1)] : []),
    ...(verbs.includes('delete')
      ? [
          {
            ...deleteAction(kind, object, grave ?? 'confirm.any'),
            ...(grave === undefined ? {} : { typed: object.metadata.name }),
          },
        ]
      : []),
  ]
}
