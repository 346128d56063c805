import { expect, it } from 'vitest'
import { createSimulatedRuntime } from '../../src-main/kubelet/runtime/simulated.ts'
import { simulatedProgram } from '../../src-main/kubelet/runtime/simulated-program.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { describeRuntime } from './runtime-contract.ts'

describeRuntime('simulated', async () => {
  const clock = new VirtualClock()
  const runtime = createSimulatedRuntime({ clock, random: seededRandom(1) })
  return {
    runtime,
    until: (condition) => clock.advanceUntil(condition, 60_000),
    dispose: async () => runtime.dispose(),
  }
})

it.each([
  [['sleep', '5'], { runMs: 5000, exitCode: 0 }],
  [['sh', '-c', 'echo hi; sleep 1m && exit 4'], { runMs: 60_000, exitCode: 4 }],
  [['false'], { runMs: 0, exitCode: 1 }],
  [['nginx', '-g', 'daemon off;'], { runMs: undefined, exitCode: 0 }],
  [[], { runMs: undefined, exitCode: 0 }],
])('a simulated container runs %j as %j', (command, program) => {
  expect(simulatedProgram({ command })).toEqual(program)
})
