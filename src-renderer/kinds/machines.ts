import { machine } from '../../src-main/api/kinds/lab/machine.ts'
import { isConditionTrue } from '../../src-main/api/meta/conditions.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Node, Pod } from '../../src-main/api/types/core-v1.ts'
import type { Machine } from '../../src-main/api/types/lab-v1.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { formatMs, machinePhase, machineState, stepMs } from './lab-state.ts'
import type { ResourceView, ViewColumn } from './resource-view.ts'

/** A machine with the node that it has become. */
export interface MachineRow extends Machine {
  readonly node?: 'Ready' | 'NotReady' | undefined
  readonly pods?: number
}

export function machineRows(
  machines: readonly Live<Machine>[],
  nodes: readonly Live<Node>[],
  pods: readonly Live<Pod>[],
): Live<MachineRow>[] {
  const readiness = new Map(
    nodes.map(({ metadata, status }) => [metadata.name, isConditionTrue(status?.conditions, 'Ready')]),
  )
  const counts = new Map<string, number>()
  for (const { spec } of pods) {
    const name = spec?.nodeName
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return machines.map((one) => {
    const ready = readiness.get(one.metadata.name)
    const node = ready === undefined ? undefined : ready ? 'Ready' : 'NotReady'
    return { ...one, node, pods: counts.get(one.metadata.name) ?? 0 }
  })
}

/** From the beginning of the first step to the end of the last; undefined while a step runs. */
export function bootMs({ status }: Machine): number | undefined {
  const steps = status?.steps ?? []
  if (steps.length === 0 || steps.some(({ finishedAt }) => finishedAt === undefined)) return undefined
  return steps.reduce((sum, step) => sum + stepMs(step, 0), 0)
}

const boot: ViewColumn<Machine> = {
  name: 'Boot',
  width: '90px',
  style: 'count',
  text: (object) => formatOr(bootMs(object)),
  order: (object) => bootMs(object) ?? 0,
}
const state: ViewColumn<Machine> = {
  name: 'Status',
  width: 'minmax(120px, 1fr)',
  style: 'mark',
  words: 'phase',
  text: machinePhase,
}
const size: readonly ViewColumn<Machine>[] = [
  { name: 'Provider', width: '100px', style: 'value' },
  { name: 'Address', width: '120px', style: 'value' },
  { name: 'CPUs', width: '72px', style: 'count', order: ({ spec }) => spec?.cpus ?? 0 },
  { name: 'Memory', width: '84px', style: 'value' },
]

export const machineView: ResourceView<Machine> = {
  kind: machine,
  icon: 'machine',
  columns: [nameColumn('minmax(130px, 1.4fr)'), state, ...size, boot, ageColumn],
  sort: { column: 'Name', descending: false },
  state: machineState,
}

/** The page of all machines, with what their nodes tell. */
export const machineRowView: ResourceView<MachineRow> = {
  ...(machineView as ResourceView<MachineRow>),
  columns: [
    nameColumn('minmax(130px, 1.4fr)'),
    state,
    { name: 'Node', width: '96px', style: 'words', words: 'phase', text: ({ node }) => node ?? '—' },
    {
      name: 'Pods',
      width: '72px',
      style: 'count',
      text: ({ pods = 0 }) => String(pods),
      order: ({ pods = 0 }) => pods,
    },
    ...size,
    boot,
    ageColumn,
  ],
}

const formatOr = (ms: number | undefined): string => (ms === undefined ? '—' : formatMs(ms))
