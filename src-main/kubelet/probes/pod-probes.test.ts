import { expect, it } from 'vitest'
import { aContainer, aPod, aSandbox, seen } from '../../../test/support/kubelet-builders.ts'
import type { Container } from '../../api/types/core-v1.ts'
import { VirtualClock } from '../../lib/virtual-clock.ts'
import { groupContainers } from '../pod-containers.ts'
import { PodProbes } from './pod-probes.ts'

/** Follows one running container whose checks all fail. */
function unhealthy(container: Partial<Container>): { clock: VirtualClock; probes: PodProbes; told: string[] } {
  const clock = new VirtualClock()
  const told: string[] = []
  const context = {
    clock,
    checker: { check: () => Promise.resolve({ healthy: false as const, output: 'no' }) },
    tell: (...[, , reason, message]: [unknown, string, string, string]) => void told.push(`${reason} ${message}`),
  }
  const pod = aPod({ containers: [aContainer('web', container)] })
  const probes = new PodProbes(
    context,
    () => pod,
    () => undefined,
  )
  probes.follow(groupContainers([aSandbox(), seen()]), false)
  return { clock, probes, told }
}

it.each(['liveness', 'startup'] as const)('asks no more once a %s probe has decided on a restart', async (name) => {
  const spec = { exec: { command: ['x'] }, periodSeconds: 1, failureThreshold: 2 }
  const { clock, probes, told } = unhealthy({ [`${name}Probe`]: spec })
  await clock.advance(30_000)
  expect(told).toHaveLength(2)
  expect([...probes.current.values()][0]?.unhealthy).toBe(`Container web failed ${name} probe, will be restarted`)
  probes.dispose()
})

it('goes on asking what only stands beside the traffic', async () => {
  const spec = { exec: { command: ['x'] }, periodSeconds: 1, failureThreshold: 2 }
  const { clock, probes, told } = unhealthy({ readinessProbe: spec })
  await clock.advance(10_500)
  expect(told.length).toBeGreaterThanOrEqual(10)
  probes.dispose()
})
