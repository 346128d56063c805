import type { Node } from '../../src-main/api/types/core-v1.ts'
import { formatBytes, formatCpu, type NodeUsage, type Share } from './node-usage.ts'
import { nodeView } from './nodes.ts'
import type { ResourceView, ViewColumn } from './resource-view.ts'

/** A node with what its pods ask for, and how its machine is. */
export interface Worker extends Node {
  readonly usage: NodeUsage
  readonly machine: string
}

const share = (
  name: string,
  width: string,
  pick: (usage: NodeUsage) => Share,
  format: (value: number) => string,
): ViewColumn<Worker> => ({
  ...{ name, width, style: 'value' },
  text: ({ usage }) => `${format(pick(usage).requested)} / ${format(pick(usage).allocatable)}`,
  order: ({ usage }) => pick(usage).requested,
})

const [name, status, roles, version, address, age] = nodeView.columns as readonly ViewColumn<Worker>[]

export const workerView: ResourceView<Worker> = {
  ...(nodeView as ResourceView<Worker>),
  columns: [
    ...[name, status, roles].filter((one) => one !== undefined),
    { name: 'Machine', width: '96px', style: 'words', words: 'phase', text: ({ machine }) => machine },
    share('Pods', '90px', ({ pods }) => pods, String),
    share('CPU', '110px', ({ cpu }) => cpu, formatCpu),
    share('Memory', '130px', ({ memory }) => memory, formatBytes),
    ...[address, version, age].filter((one) => one !== undefined),
  ],
}
