import { lab as kind } from '../../src-main/api/kinds/lab/lab.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Lab, LabSpec } from '../../src-main/api/types/lab-v1.ts'
import { client } from '../api.ts'
import type { Action } from './action.ts'
import { httpRequest, kubectl } from './command-line.ts'

/** What stopping the lab or removing a worker takes along. */
export interface LabLoad {
  readonly machines: number
  readonly pods: number
  /** The worker that goes when there is one less, and its pods. */
  readonly last?: { readonly name: string; readonly pods: number }
}

/** A change of what the lab shall be, in all three ways to make it. */
function change(lab: Live<Lab>, spec: Partial<LabSpec>): Pick<Action, 'kubectl' | 'http' | 'run'> {
  const { name } = lab.metadata
  const patch = { spec }
  return {
    kubectl: kubectl({}, 'patch', 'lab', name, '--type', 'merge', '-p', JSON.stringify(patch)),
    http: httpRequest('PATCH', kind, { name }, { body: patch }),
    run: async () => {
      await client.patch(kind, { name }, { type: 'merge', patch })
    },
  }
}

export function powerAction(lab: Live<Lab>, { machines, pods }: LabLoad): Action {
  if (lab.spec?.power === 'Off')
    return { id: 'start-lab', title: 'lab.start', icon: 'start', ...change(lab, { power: 'On' }) }
  return {
    ...{ id: 'stop-lab', title: 'lab.stop', icon: 'stop', danger: true },
    ...change(lab, { power: 'Off' }),
    confirm: { text: 'confirm.stopLab', values: { machines: String(machines), pods: String(pods) } },
  }
}

export function addWorkerAction(lab: Live<Lab>): Action {
  const workers = (lab.spec?.workers ?? 0) + 1
  return { id: 'add-worker', title: 'machines.add', icon: 'plus', ...change(lab, { workers }) }
}

/** Undefined when there is none to remove. Workers go in the reverse order of their numbers. */
export function removeWorkerAction(lab: Live<Lab>, { last }: LabLoad): Action | undefined {
  const workers = (lab.spec?.workers ?? 0) - 1
  if (last === undefined || workers < 0) return undefined
  return {
    ...{ id: 'remove-worker', title: 'machines.remove', icon: 'minus', danger: true },
    ...change(lab, { workers }),
    typed: last.name,
    confirm: { text: 'confirm.removeWorker', values: { name: last.name, pods: String(last.pods) } },
  }
}

export function proxyModeAction(lab: Live<Lab>): Action {
  const proxyMode = lab.spec?.proxyMode === 'userspace' ? 'iptables' : 'userspace'
  return {
    ...{ id: 'proxy-mode', title: `network.to.${proxyMode}`, icon: 'network' },
    ...change(lab, { proxyMode }),
    confirm: { text: `confirm.proxyMode.${proxyMode}`, values: {} },
  }
}
