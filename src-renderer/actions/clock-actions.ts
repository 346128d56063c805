import { clock as kind, clockName } from '../../src-main/api/kinds/glass/clock.ts'
import type { Breakpoint, ClockSpec, HeldStep } from '../../src-main/api/types/glass-v1.ts'
import { client } from '../api.ts'
import type { Action } from './action.ts'
import { httpRequest, kubectl } from './command-line.ts'

/** A change of the clock, in all three ways to make it. */
export function clockChange(spec: ClockSpec): Pick<Action, 'kubectl' | 'http' | 'run'> {
  const patch = { spec }
  return {
    kubectl: kubectl({}, 'patch', 'clock', clockName, '--type', 'merge', '-p', JSON.stringify(patch)),
    http: httpRequest('PATCH', kind, { name: clockName }, { body: patch }),
    run: async () => {
      await client.patch(kind, { name: clockName }, { type: 'merge', patch })
    },
  }
}

export const runAction = (): Action => ({
  ...{ id: 'run', title: 'glass.run', icon: 'start' },
  ...clockChange({ mode: 'Run' }),
})

export const holdAction = (): Action => ({
  ...{ id: 'hold', title: 'glass.hold', icon: 'hold' },
  ...clockChange({ mode: 'Hold' }),
})

/** Lets one held step through. */
export const stepAction = ({ id }: Pick<HeldStep, 'id'>): Action => ({
  ...{ id: 'step', title: 'glass.step', icon: 'step' },
  ...clockChange({ step: id }),
})

/** Sets the breakpoints to these. */
export const breakpointsAction = (breakpoints: readonly Breakpoint[]): Action => ({
  ...{ id: 'breakpoints', title: 'glass.setBreakpoint', icon: 'hold' },
  ...clockChange({ breakpoints: [...breakpoints] }),
})
