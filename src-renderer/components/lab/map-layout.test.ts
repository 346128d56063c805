import { describe, expect, it } from 'vitest'
import { bodyRadius, layoutMachines, layoutServices, mapSize, type Point } from './map-layout.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `worker-${index + 1}`)
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)

describe('the map of a lab', () => {
  it.each([1, 2, 3, 5, 12, 30])('draws %i full machines inside the picture, no body on another', (count) => {
    const bodies = layoutMachines(names(count), () => Array.from({ length: 60 }, (_, pod) => pod)).flatMap(
      ({ pods }) => pods,
    )
    for (const { x, y } of bodies) {
      expect(x).toBeGreaterThan(bodyRadius)
      expect(x).toBeLessThan(mapSize.width - bodyRadius)
      expect(y).toBeGreaterThan(bodyRadius - 1)
      expect(y).toBeLessThan(mapSize.height - bodyRadius + 1)
    }
    const closest = bodies.flatMap((a, index) => bodies.slice(index + 1).map((b) => distance(a, b)))
    expect(Math.min(Infinity, ...closest)).toBeGreaterThan(bodyRadius)
  })

  it('counts the pods that found no room', () => {
    const [machine] = layoutMachines(['one'], () => Array.from({ length: 1000 }, (_, pod) => pod))
    expect((machine?.pods.length ?? 0) + (machine?.more ?? 0)).toBe(1000)
    expect(machine?.more).toBeGreaterThan(0)
  })

  it('keeps a pod where it stands when later ones come', () => {
    const [before] = layoutMachines(['one'], () => ['a', 'b'])
    const [after] = layoutMachines(['one'], () => ['a', 'b', 'c'])
    expect(after?.pods.slice(0, 2)).toEqual(before?.pods)
  })

  it('puts services beside each other', () => {
    const same = [{ x: 900, y: 320 }]
    const [a, b] = layoutServices([same, same])
    expect(distance(a ?? { x: 0, y: 0 }, b ?? { x: 0, y: 0 })).toBeGreaterThan(12)
  })
})
