import type { IconName } from '../../theme/icon-paths.ts'

export interface Place {
  /** The text's key. */
  readonly title: string
  readonly path: string
  readonly icon: IconName
}

/** The rooms of the rail, in its order; only those that lead somewhere. */
export const places: readonly { readonly title: string; readonly places: readonly Place[] }[] = [
  { title: '', places: [{ title: 'rail.lab', path: '/', icon: 'lab' }] },
  {
    title: 'rail.explore',
    places: [
      { title: 'kinds.pods', path: '/pods', icon: 'pod' },
      { title: 'kinds.deployments', path: '/deployments', icon: 'deployment' },
      { title: 'kinds.services', path: '/services', icon: 'service' },
      { title: 'kinds.events', path: '/events', icon: 'event' },
    ],
  },
  { title: 'rail.machines', places: [{ title: 'kinds.nodes', path: '/nodes', icon: 'machine' }] },
  { title: 'rail.glass', places: [{ title: 'rail.births', path: '/births', icon: 'birth' }] },
]

export const settingsPlace: Place = { title: 'rail.settings', path: '/settings', icon: 'settings' }
export const allPlaces: readonly Place[] = [...places.flatMap((group) => group.places), settingsPlace]
