import { describe, expect, it } from 'vitest'
import { bodyRadius, MapLayout, type Point } from './map-layout.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `worker-${index + 1}`)
const sixty = Array.from({ length: 60 }, (_, pod) => pod)
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)

function closest(points: readonly Point[]): number {
  let least = Infinity
  for (const [index, a] of points.entries())
    for (const b of points.slice(index + 1)) least = Math.min(least, distance(a, b))
  return least
}

describe.each([
  [1000, 640],
  [560, 600],
])('the map of a lab in %i × %i', (width, height) => {
  const layout = new MapLayout(width, height)

  it.each([1, 2, 3, 5, 12, 30])('draws %i full machines inside the picture, no body on another', (count) => {
    const bodies = layout.machines(names(count), () => sixty).flatMap(({ pods }) => pods)
    for (const { x, y } of bodies) {
      expect(Math.min(x, width - x, y, height - y)).toBeGreaterThan(bodyRadius - 1)
    }
    expect(closest(bodies)).toBeGreaterThan(2 * bodyRadius - 1)
  })

  it('counts the pods that found no room', () => {
    const [machine] = layout.machines(['one'], () => Array.from({ length: 1000 }, (_, pod) => pod))
    expect((machine?.pods.length ?? 0) + (machine?.more ?? 0)).toBe(1000)
    expect(machine?.more).toBeGreaterThan(0)
  })

  it('keeps a pod where it stands when later ones come', () => {
    const [before] = layout.machines(['one'], () => ['a', 'b'])
    const [after] = layout.machines(['one'], () => ['a', 'b', 'c'])
    expect(after?.pods.slice(0, 2)).toEqual(before?.pods)
  })

  it('keeps services apart that select the same pods', () => {
    const same = [{ x: width - 60, y: height / 2 }]
    expect(closest(layout.services([same, same, same]))).toBeGreaterThan(16)
  })
})
