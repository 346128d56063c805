import { describe, expect, it } from 'vitest'
import type { MachineStep } from '../api/types/lab-v1.ts'
import { LabProgress } from './lab-progress.ts'

const start = Date.UTC(2026, 0, 1)
const aMachine = (...steps: MachineStep[]) => ({
  metadata: { name: 'worker-1', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { steps },
})
const running = { name: 'Start Docker', state: 'Running', startedAt: '2026-01-01T00:00:01.000000Z' }

describe('LabProgress', () => {
  it('tells a step once as it begins and once as it ends, with its seconds', () => {
    const progress = new LabProgress(start)
    expect(progress.reportsOf(aMachine(running))).toEqual([
      { machine: 'worker-1', step: 'Start Docker', state: 'running' },
    ])
    expect(progress.reportsOf(aMachine(running))).toEqual([])
    const done = { ...running, state: 'Done', finishedAt: '2026-01-01T00:00:02.500000Z' }
    expect(progress.reportsOf(aMachine(done))).toEqual([
      { machine: 'worker-1', step: 'Start Docker', state: 'done', seconds: 1.5 },
    ])
  })

  it('gives the cause of a failure', () => {
    const failed = { ...running, state: 'Failed', message: 'no space left on device' }
    expect(new LabProgress(start).reportsOf(aMachine(failed))).toMatchObject([
      { state: 'failed', error: 'no space left on device' },
    ])
  })

  it('is silent about steps of an earlier run', () => {
    expect(new LabProgress(start + 60_000).reportsOf(aMachine(running))).toEqual([])
  })

  it('tells once of a worker that is lost, and once of its return', () => {
    const progress = new LabProgress(start)
    const inPhase = (phase: string, message?: string) => {
      const machine = aMachine()
      return progress.noticesOf({ ...machine, status: { phase, ...(message === undefined ? {} : { message }) } })
    }
    expect(inPhase('Ready')).toEqual([])
    expect(inPhase('Lost', 'the cable is cut')).toEqual(['worker-1: the cable is cut'])
    expect(inPhase('Lost', 'the cable is cut')).toEqual([])
    expect(inPhase('Ready')).toEqual(['worker-1: The connection to the worker is back.'])
  })

  it('tells of a failure that belongs to no step, and leaves those of steps to their report', () => {
    const without = { ...aMachine(), status: { phase: 'Failed', message: 'no provider is named x' } }
    expect(new LabProgress(start).noticesOf(without)).toEqual(['worker-1: no provider is named x'])
    const failed = { ...aMachine({ ...running, state: 'Failed', message: 'no space' }) }
    const status = { ...failed.status, phase: 'Failed', message: 'no space' }
    expect(new LabProgress(start).noticesOf({ ...failed, status })).toEqual([])
  })

  it('is silent about a loss that an earlier run wrote', () => {
    expect(new LabProgress(start).noticesOf({ ...aMachine(), status: { phase: 'Lost', message: 'x' } })).toEqual([])
  })
})
