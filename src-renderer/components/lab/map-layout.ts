/** Where everything stands on the map; pure, so that the same lab in the same window always looks the same. */
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

export const bodyRadius = 5
/** With more machines the map folds into heat tiles. */
export const mostMachines = 30

/** The control plane's parts, which act through the API server like everyone else. */
export const controlPlane = ['store', 'scheduler', 'controllers'] as const
export type ControlPart = (typeof controlPlane)[number]

const bodySpacing = 2 * bodyRadius + 3
const ringSteps = 720

/** The rings of a map that fills `width` × `height` pixels. */
export class MapLayout {
  readonly centre: Point
  readonly ring: Point
  readonly innerRing: Point
  /** How far pods may stand from their machine at most. */
  private readonly margin: number
  private readonly outline: readonly (Point & { readonly way: number })[]

  constructor(width: number, height: number) {
    this.centre = { x: width / 2, y: height / 2 }
    this.margin = Math.max(56, Math.min(96, 0.16 * Math.min(width, height)))
    this.ring = { x: Math.max(80, width / 2 - this.margin), y: Math.max(80, height / 2 - this.margin) }
    const inner = Math.min(this.ring.x, this.ring.y) * 0.45
    this.innerRing = { x: Math.min(inner * 1.3, this.ring.x * 0.45), y: inner }
    this.outline = this.measure()
  }

  partAt(part: ControlPart): Point {
    return this.on(this.innerRing, -Math.PI / 2 + (controlPlane.indexOf(part) / controlPlane.length) * 2 * Math.PI)
  }

  /** Machines on the outer ring, at equal distances; their pods around each. */
  machines<T>(names: readonly string[], podsOf: (name: string) => readonly T[]): MachineBody<T>[] {
    const { radius, reach } = this.roomFor(names.length)
    return names.map((name, index) => {
      const at = this.evenly(index / names.length)
      const pods = podsOf(name)
      const places = orbitPlaces(at, pods.length, radius, reach)
      const bodies = places.flatMap((place, order) => {
        const pod = pods[order]
        return pod === undefined ? [] : [{ ...place, pod }]
      })
      return { name, radius, x: at.x, y: at.y, pods: bodies, more: pods.length - bodies.length }
    })
  }

  /** Services between the two rings, each on the side where the pods are that it selects. */
  services(targets: readonly (readonly Point[])[]): Point[] {
    const between = { x: (this.ring.x + this.innerRing.x) / 2, y: (this.ring.y + this.innerRing.y) / 2 }
    const taken: number[] = []
    return targets.map((points, index) => {
      let angle = this.direction(points) ?? index * 2.4
      while (taken.some((other) => turn(other, angle) < 0.24) && taken.length < 24) angle += 0.25
      taken.push(angle)
      return this.on(between, angle)
    })
  }

  /** An arc from a service to a pod, bent away from the centre. */
  arc(from: Point, to: Point): string {
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
    const bend = {
      x: middle.x + (middle.x - this.centre.x) * 0.15,
      y: middle.y + (middle.y - this.centre.y) * 0.15,
    }
    const round = (value: number): string => value.toFixed(1)
    return `M${round(from.x)} ${round(from.y)}Q${round(bend.x)} ${round(bend.y)} ${round(to.x)} ${round(to.y)}`
  }

  private on(radius: Point, angle: number): Point {
    return { x: this.centre.x + radius.x * Math.cos(angle), y: this.centre.y + radius.y * Math.sin(angle) }
  }

  /** Undefined when the points surround the centre evenly, or when there are none. */
  private direction(points: readonly Point[]): number | undefined {
    const x = points.reduce((sum, point) => sum + point.x - this.centre.x, 0)
    const y = points.reduce((sum, point) => sum + point.y - this.centre.y, 0)
    return Math.abs(x) + Math.abs(y) < 1 ? undefined : Math.atan2(y, x)
  }

  private measure(): (Point & { readonly way: number })[] {
    let way = 0
    let before: Point | undefined
    return Array.from({ length: ringSteps + 1 }, (_, step) => {
      const point = this.on(this.ring, Math.PI + (step / ringSteps) * 2 * Math.PI)
      if (before !== undefined) way += Math.hypot(point.x - before.x, point.y - before.y)
      before = point
      return { ...point, way }
    })
  }

  /** A point on the outer ring; equal shares are equal ways, which equal angles of an ellipse are not. */
  private evenly(share: number): Point {
    const whole = this.outline.at(-1)?.way ?? 0
    return this.outline.find(({ way }) => way >= share * whole) ?? this.centre
  }

  /** How large machines may be, and how far their pods may stand, without touching the neighbours. */
  private roomFor(machines: number): { radius: number; reach: number } {
    // A chord is a little shorter than its arc.
    const half = machines <= 1 ? Infinity : (0.9 * (this.outline.at(-1)?.way ?? 0)) / machines / 2
    return {
      radius: Math.max(8, Math.min(30, half - 17)),
      reach: Math.min(this.margin - bodyRadius - 2, half - bodyRadius - 1),
    }
  }
}

/** The angle between two directions. */
function turn(a: number, b: number): number {
  const difference = Math.abs(a - b) % (2 * Math.PI)
  return Math.min(difference, 2 * Math.PI - difference)
}

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
