import type { IconName } from '../../theme/icon-paths.ts'

export interface Place {
  /** The text's key. */
  readonly title: string
  readonly path: string
  readonly icon: IconName
  /** What is below it in the rail. */
  readonly places?: readonly Place[]
}

/** The rooms of the rail, in its order. */
export const rooms: readonly Place[] = [
  { title: 'rail.lab', path: '/', icon: 'lab' },
  {
    title: 'rail.explore',
    path: '/explore',
    icon: 'explore',
    places: [
      { title: 'kinds.pods', path: '/pods', icon: 'pod' },
      { title: 'kinds.deployments', path: '/deployments', icon: 'deployment' },
      { title: 'kinds.services', path: '/services', icon: 'service' },
      { title: 'kinds.events', path: '/events', icon: 'event' },
    ],
  },
  { title: 'rail.network', path: '/network', icon: 'network' },
  {
    title: 'rail.machines',
    path: '/machines',
    icon: 'machine',
    places: [{ title: 'kinds.nodes', path: '/nodes', icon: 'node' }],
  },
  {
    title: 'rail.glass',
    path: '/glass',
    icon: 'glass',
    places: [{ title: 'rail.births', path: '/births', icon: 'birth' }],
  },
]
export const settingsPlace: Place = { title: 'rail.settings', path: '/settings', icon: 'settings' }

export const allPlaces: readonly Place[] = [...rooms.flatMap((room) => [room, ...(room.places ?? [])]), settingsPlace]
