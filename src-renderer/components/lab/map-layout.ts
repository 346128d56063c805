/** Where everything stands on the map; pure, so that the same lab always looks the same. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface MachineBody<T> extends Point {
  readonly name: string
  readonly radius: number
  readonly pods: readonly (Point & { readonly pod: T })[]
  /** Pods that found no room to be drawn. */
  readonly more: number
}

export const mapSize = { width: 1000, height: 640 } as const
export const centre: Point = { x: mapSize.width / 2, y: mapSize.height / 2 }
export const bodyRadius = 5
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

function onEllipse(radius: Point, angle: number): Point {
  return { x: centre.x + radius.x * Math.cos(angle), y: centre.y + radius.y * Math.sin(angle) }
}

/** Machines on the outer ring, at equal distances; their pods around each. */
export function layoutMachines<T>(names: readonly string[], podsOf: (name: string) => readonly T[]): MachineBody<T>[] {
  const { radius, reach } = roomFor(names.length)
  return names.map((name, index) => {
    const at = evenly(index / names.length)
    const pods = podsOf(name)
    const places = orbitPlaces(at, pods.length, radius, reach)
    return {
      ...{ name, radius },
      ...at,
      pods: places.flatMap((place, order) => {
        const pod = pods[order]
        return pod === undefined ? [] : [{ ...place, pod }]
      }),
      more: pods.length - places.length,
    }
  })
}

const ringSteps = 720
const ringPoints = Array.from({ length: ringSteps + 1 }, (_, step) =>
  onEllipse(ring, Math.PI + (step / ringSteps) * 2 * Math.PI),
)
const ringLengths = ringPoints.reduce<number[]>((lengths, point, step) => {
  const before = ringPoints[step - 1] ?? point
  return [...lengths, (lengths.at(-1) ?? 0) + Math.hypot(point.x - before.x, point.y - before.y)]
}, [])
const ringLength = ringLengths.at(-1) ?? 0

/** A point on the outer ring; equal shares are equal ways, which equal angles of an ellipse are not. */
function evenly(share: number): Point {
  const found = ringLengths.findIndex((length) => length >= share * ringLength)
  return ringPoints[Math.max(0, found)] ?? centre
}

/** How large machines may be, and how far their pods may stand, without touching the neighbours. */
function roomFor(machines: number): { radius: number; reach: number } {
  // A chord is a little shorter than its arc.
  const half = machines <= 1 ? Infinity : (0.93 * ringLength) / machines / 2
  return { radius: Math.min(30, half - 17), reach: Math.min(88, half - bodyRadius - 1) }
}

const bodySpacing = 2 * bodyRadius + 3

/** Orbits from the inside out; each is filled before the next begins. */
function orbitPlaces(at: Point, count: number, inner: number, reach: number): Point[] {
  const places: Point[] = []
  for (let radius = inner + 10; radius <= reach && places.length < count; radius += bodySpacing) {
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
