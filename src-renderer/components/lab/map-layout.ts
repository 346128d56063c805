/** Where everything stands on the map; pure, so that the same lab always looks the same. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface MachineBody<T> extends Point {
  readonly name: string
  readonly pods: readonly (Point & { readonly pod: T })[]
  /** Pods that found no room to be drawn. */
  readonly more: number
}

export const mapSize = { width: 1000, height: 640 } as const
export const centre: Point = { x: mapSize.width / 2, y: mapSize.height / 2 }
export const bodyRadius = 5
export const machineRadius = 22
const ring = { x: 390, y: 228 } as const
const innerRing = { x: 132, y: 104 } as const
/** From here on machines fold into heat tiles. */
export const mostMachines = 30

/** The control plane's parts, which act through the API server like everyone else. */
export const controlPlane = ['store', 'scheduler', 'controllers'] as const
export type ControlPart = (typeof controlPlane)[number]

export function controlPartAt(part: ControlPart): Point {
  const angle = -Math.PI / 2 + (controlPlane.indexOf(part) / controlPlane.length) * 2 * Math.PI
  return onEllipse(innerRing, angle)
}

const onEllipse = (radius: Point, angle: number): Point => ({
  x: centre.x + radius.x * Math.cos(angle),
  y: centre.y + radius.y * Math.sin(angle),
})

/** Machines on the outer ring, the first one to the right; their pods around each. */
export function layoutMachines<T>(names: readonly string[], podsOf: (name: string) => readonly T[]): MachineBody<T>[] {
  const reach = orbitReach(names.length)
  return names.map((name, index) => {
    const angle = (names.length === 2 ? 0 : -Math.PI / 2) + (index / names.length) * 2 * Math.PI
    const at = onEllipse(ring, angle)
    const pods = podsOf(name)
    const places = orbitPlaces(at, pods.length, reach)
    return {
      name,
      ...at,
      pods: places.flatMap((place, order) => {
        const pod = pods[order]
        return pod === undefined ? [] : [{ ...place, pod }]
      }),
      more: pods.length - places.length,
    }
  })
}

/** How far pods may stand from their machine without touching the next machine's. */
function orbitReach(machines: number): number {
  if (machines <= 2) return 88
  const between = (2 * Math.PI * Math.min(ring.x, ring.y)) / machines
  return Math.max(machineRadius + 9, Math.min(88, between / 2 - 4))
}

const bodySpacing = 2 * bodyRadius + 3

/** Orbits from the inside out; each is filled before the next begins. */
function orbitPlaces(at: Point, count: number, reach: number): Point[] {
  const places: Point[] = []
  for (let radius = machineRadius + 11; radius <= reach && places.length < count; radius += bodySpacing) {
    const room = Math.floor((2 * Math.PI * radius) / bodySpacing)
    const here = Math.min(room, count - places.length)
    for (let slot = 0; slot < here; slot++) {
      const angle = -Math.PI / 2 + (slot / room) * 2 * Math.PI
      places.push({ x: at.x + radius * Math.cos(angle), y: at.y + radius * Math.sin(angle) })
    }
  }
  return places
}

/** Services between the two rings, each on the side where the pods are that it selects. */
export function layoutServices(targets: readonly (readonly Point[])[]): Point[] {
  const angles = targets.map((points, index) => {
    const mean = points.reduce((sum, { x, y }) => ({ x: sum.x + x - centre.x, y: sum.y + y - centre.y }), {
      x: 0,
      y: 0,
    })
    return Math.abs(mean.x) + Math.abs(mean.y) < 1 ? (index * 2.4) % (2 * Math.PI) : Math.atan2(mean.y, mean.x)
  })
  const taken: number[] = []
  return angles.map((wish) => {
    let angle = wish
    while (taken.some((other) => Math.abs(other - angle) < 0.14) && taken.length < 40) angle += 0.15
    taken.push(angle)
    return onEllipse({ x: 225, y: 160 }, angle)
  })
}

/** An arc from a service to a pod, bent away from the centre. */
export function arcPath(from: Point, to: Point): string {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const bend = { x: middle.x + (middle.x - centre.x) * 0.15, y: middle.y + (middle.y - centre.y) * 0.15 }
  const round = (value: number): string => value.toFixed(1)
  return `M${round(from.x)} ${round(from.y)}Q${round(bend.x)} ${round(bend.y)} ${round(to.x)} ${round(to.y)}`
}
