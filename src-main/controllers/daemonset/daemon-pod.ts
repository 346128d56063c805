/** The pod of a DaemonSet for one node, and whether that node is one for it. */
import { daemonSet as daemonSetKind } from '../../api/kinds/apps/daemon-set.ts'
import { matchesNodeAffinity } from '../../api/meta/node-affinity.ts'
import type { Live } from '../../api/meta/object.ts'
import { untoleratedTaint } from '../../api/meta/tolerations.ts'
import type { DaemonSet } from '../../api/types/apps-v1.ts'
import type {
  Affinity,
  Node,
  NodeSelectorTerm,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Toleration,
} from '../../api/types/core-v1.ts'
import { podFromTemplate } from '../pod-control.ts'
import { revisionHashLabel } from '../revisions.ts'

const tolerates = (name: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
})

/** Daemons look after a node also when it is in trouble. */
const daemonTolerations: readonly Toleration[] = [
  tolerates('not-ready', 'NoExecute'),
  tolerates('unreachable', 'NoExecute'),
  tolerates('disk-pressure', 'NoSchedule'),
  tolerates('memory-pressure', 'NoSchedule'),
  tolerates('pid-pressure', 'NoSchedule'),
  tolerates('unschedulable', 'NoSchedule'),
]

const emptySpec: PodSpec = { containers: [] }

function withTolerations(template: PodTemplateSpec): PodSpec {
  const spec = template.spec ?? emptySpec
  const network = spec.hostNetwork === true ? [tolerates('network-unavailable', 'NoSchedule')] : []
  return { ...spec, tolerations: [...(spec.tolerations ?? []), ...daemonTolerations, ...network] }
}

/** The scheduler places the pod, but it may choose this node alone. */
function pinnedTo(nodeName: string, affinity: Affinity | undefined): Affinity {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }]
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const terms: NodeSelectorTerm[] = required?.nodeSelectorTerms ?? [{}]
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields })),
      },
    },
  }
}

export function daemonPod(daemonSet: Live<DaemonSet>, nodeName: string, hash: string): Pod {
  const template = daemonSet.spec?.template ?? {}
  const spec = withTolerations(template)
  const labels = { ...template.metadata?.labels, [revisionHashLabel]: hash }
  const pinned = {
    metadata: { ...template.metadata, labels },
    spec: { ...spec, affinity: pinnedTo(nodeName, spec.affinity) },
  }
  return podFromTemplate(pinned, daemonSet, daemonSetKind)
}

/** The node of a daemon's pod, also before the scheduler has said so. */
export function nodeOfDaemonPod({ spec }: Pod): string | undefined {
  if (spec?.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required?.nodeSelectorTerms
    .flatMap(({ matchFields = [] }) => matchFields)
    .find(({ key }) => key === 'metadata.name')?.values?.[0]
}

export interface NodeFitness {
  /** A pod belongs there. */
  readonly shouldRun: boolean
  /** A pod that is there already may stay. */
  readonly mayStay: boolean
}

export function fitnessOf(node: Live<Node>, daemonSet: DaemonSet): NodeFitness {
  const spec = withTolerations(daemonSet.spec?.template ?? {})
  const elsewhere = spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== node.metadata.name
  if (elsewhere || !matchesNodeAffinity({ spec }, node)) return { shouldRun: false, mayStay: false }
  const untolerated = (...effects: string[]): boolean =>
    untoleratedTaint(node.spec?.taints, spec.tolerations, effects) !== undefined
  return { shouldRun: !untolerated('NoSchedule', 'NoExecute'), mayStay: !untolerated('NoExecute') }
}
