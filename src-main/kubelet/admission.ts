/**
 * Whether a node takes a pod that was given to it: pure. Pods reach a node without the scheduler, or by a scheduler that
 * knew less, so the node looks once itself. What it refuses has failed for good; whoever made the pod makes another.
 */
import { podTotal } from '../api/kinds/core/pod-spec/pod-level-resources.ts'
import { isExtendedResource } from '../api/kinds/core/resource-name-rules.ts'
import { matchesNodeAffinity } from '../api/meta/node-affinity.ts'
import { parseQuantity, type ExactQuantity } from '../api/meta/quantity.ts'
import { untoleratedTaint } from '../api/meta/tolerations.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import { refusalOf, type Refusal } from './refusal.ts'
import { withAllocated } from './resize.ts'

/** `others`: the pods that the node has taken and that have not ended. Undefined: it takes the pod. */
export function admit(pod: Pod, others: readonly Pod[], node: Node | undefined): Refusal | undefined {
  return (
    refusalOf(pod) ??
    (node === undefined ? undefined : (missingRoom(pod, others, node) ?? mismatch(pod, node))) ??
    portsTaken(pod, others) ??
    (node === undefined ? undefined : untolerated(pod, node))
  )
}

function missingRoom(pod: Pod, others: readonly Pod[], { status }: Node): Refusal | undefined {
  const allocatable = status?.allocatable ?? status?.capacity
  // A node that has only just been registered has not said yet what it has.
  if (allocatable === undefined) return undefined
  const places = allocatable['pods']
  if (places !== undefined && others.length + 1 > Number(places))
    return outOf('pods', 1n, BigInt(others.length), BigInt(places))
  if (pod.spec === undefined) return undefined
  const asked = podTotal(pod.spec, 'requests')
  const used = others.map((other) => podTotal(withAllocated(other).spec ?? { containers: [] }, 'requests'))
  for (const name of [...asked.keys()].toSorted(byOrder)) {
    const requested = amountOf(name, asked.get(name))
    const text = allocatable[name]
    // What the node does not know may be given out by the cluster as a whole.
    if (requested === 0n || (text === undefined && isExtendedResource(name))) continue
    const capacity = text === undefined ? 0n : amountOf(name, parseQuantity(text))
    const taken = used.reduce((sum, amounts) => sum + amountOf(name, amounts.get(name)), 0n)
    if (requested > capacity - taken) return outOf(name, requested, taken, capacity)
  }
  return undefined
}

const first = ['cpu', 'memory', 'ephemeral-storage']
/** Processors, memory and disk before all others. */
function byOrder(left: string, right: string): number {
  const place = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length)
  return place(left) - place(right) || (left < right ? -1 : 1)
}

/** Processors in thousandths, all others in their own unit. */
function amountOf(name: string, quantity: ExactQuantity | undefined): bigint {
  const unit = name === 'cpu' ? 1_000_000n : 1_000_000_000n
  return quantity === undefined ? 0n : (quantity.nano + unit - 1n) / unit
}

const outOf = (name: string, requested: bigint, used: bigint, capacity: bigint): Refusal => ({
  reason: `OutOf${name}`,
  message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
})

const failed = (predicate: string, why: string): Refusal => ({
  reason: predicate,
  message: `Predicate ${predicate} failed: ${why}`,
})

const mismatch = (pod: Pod, node: Node): Refusal | undefined =>
  matchesNodeAffinity(pod, node)
    ? undefined
    : failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")

function portsTaken(pod: Pod, others: readonly Pod[]): Refusal | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  const taken = others.flatMap(hostPorts)
  return wanted.some((one) => taken.some((other) => collide(one, other)))
    ? failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
    : undefined
}

interface HostPort {
  readonly port: number
  readonly protocol: string
  readonly address: string
}

const everywhere = '0.0.0.0'

function hostPorts({ spec }: Pod): HostPort[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...sidecars, ...(spec?.containers ?? [])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) =>
      hostPort === 0 ? [] : [{ port: hostPort, protocol, address: hostIP === '' ? everywhere : hostIP }],
    ),
  )
}

const collide = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  (a.address === b.address || a.address === everywhere || b.address === everywhere)

/** Only the taints that also drive pods away: the others concern the scheduler. */
const untolerated = ({ spec }: Pod, node: Node): Refusal | undefined =>
  untoleratedTaint(node.spec?.taints, spec?.tolerations, ['NoExecute']) === undefined
    ? undefined
    : failed('TaintToleration', "node(s) had taints that the pod didn't tolerate")
