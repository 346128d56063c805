import { describe, expect, it } from 'vitest'
import type { Live } from '../api/meta/object.ts'
import type { Lab, LabSpec, Machine } from '../api/types/lab-v1.ts'
import { labStatus, planLab, workerAddress } from './lab-plan.ts'

const size = { cpus: 2, memory: '2Gi' }
const cidr = '10.77.0.0/24'

function aLab(spec: Partial<LabSpec> = {}, deleted = false): Live<Lab> {
  return {
    metadata: {
      name: 'default',
      uid: 'lab-uid',
      resourceVersion: '1',
      creationTimestamp: '',
      ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { provider: 'sandbox', workers: 2, power: 'On', ...spec },
  }
}

function aMachine(name: string, phase = 'Ready', power = 'On', owner = 'lab-uid'): Live<Machine> {
  return {
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '',
      ownerReferences: [
        { apiVersion: 'lab.orrery.dev/v1', kind: 'Lab', name: 'default', uid: owner, controller: true },
      ],
    },
    spec: { provider: 'sandbox', address: '10.77.0.11', cpus: 2, memory: '2Gi', power },
    status: { phase, message: `${phase} for a reason` },
  }
}

describe('the machines of a lab', () => {
  it('are made with addresses of its network, a finalizer and an owner', () => {
    const { create, remove, power } = planLab(aLab(), [aMachine('worker-1')], cidr, size)
    expect([remove, power]).toEqual([[], []])
    expect(create).toEqual([
      {
        metadata: {
          name: 'worker-2',
          finalizers: ['lab.orrery.dev/machine'],
          ownerReferences: [
            expect.objectContaining({ kind: 'Lab', name: 'default', uid: 'lab-uid', controller: true }),
          ],
        },
        spec: { provider: 'sandbox', address: '10.77.0.12', power: 'On', cpus: 2, memory: '2Gi' },
      },
    ])
  })

  it('go, the last ones first, when fewer are wanted', () => {
    const machines = ['worker-1', 'worker-2', 'worker-3'].map((name) => aMachine(name))
    expect(planLab(aLab({ workers: 1 }), machines, cidr, size).remove).toEqual(['worker-2', 'worker-3'])
  })

  it('all go with the lab', () => {
    expect(planLab(aLab({}, true), [aMachine('worker-1')], cidr, size)).toEqual({
      create: [],
      remove: ['worker-1'],
      power: [],
    })
  })

  it('have the power of the lab', () => {
    const plan = planLab(
      aLab({ power: 'Off' }),
      [aMachine('worker-1'), aMachine('worker-2', 'Stopped', 'Off')],
      cidr,
      size,
    )
    expect(plan.power).toEqual([{ name: 'worker-1', power: 'Off' }])
  })

  it('are not those of another owner', () => {
    const plan = planLab(aLab({ workers: 0 }), [aMachine('mine', 'Ready', 'Off', 'other')], cidr, size)
    expect(plan).toEqual({ create: [], remove: [], power: [] })
  })

  it.each([
    ['10.77.0.0/24', 1, '10.77.0.11'],
    ['10.77.0.0/16', 300, '10.77.1.54'],
  ])('have in %s as number %i the address %s', (network, index, address) => {
    expect(workerAddress(network, index)).toBe(address)
  })

  it('are no more than the network holds', () => {
    expect(() => workerAddress('10.77.0.0/28', 5)).toThrow(RangeError)
  })
})

describe("a lab's phase", () => {
  it.each([
    ['Starting', []],
    ['Starting', ['Ready']],
    ['Starting', ['Ready', 'Creating']],
    ['Ready', ['Ready', 'Ready']],
    ['Degraded', ['Ready', 'Failed']],
    ['Degraded', ['Ready', 'Lost']],
    ['Degraded', ['Lost', 'Lost']],
    ['Failed', ['Failed', 'Creating']],
  ])('is %s with %j', (phase, phases) => {
    const machines = phases.map((one, index) => aMachine(`worker-${index + 1}`, one))
    expect(labStatus(aLab(), machines).phase).toBe(phase)
  })

  it('names the cause', () => {
    expect(labStatus(aLab(), [aMachine('worker-1'), aMachine('worker-2', 'Failed')]).message).toBe(
      '1 of 2 workers are ready. worker-2: Failed for a reason',
    )
  })

  it('names the cause also while the worker is being started again', () => {
    expect(labStatus(aLab(), [aMachine('worker-1'), aMachine('worker-2', 'Connecting')])).toMatchObject({
      phase: 'Starting',
      message: '1 of 2 workers are ready. worker-2: Connecting for a reason',
    })
  })

  it('is Off when it has no power', () => {
    const status = labStatus(aLab({ power: 'Off' }), [aMachine('worker-1', 'Stopped'), aMachine('worker-2')])
    expect(status).toMatchObject({ phase: 'Off', message: '1 workers still run.' })
  })
})
