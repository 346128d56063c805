import { fits, unschedulable, type Predicate } from '../framework.ts'
import { hostPortsOf, type HostPort } from '../node-info.ts'

const refusal = unschedulable("node(s) didn't have free ports for the requested pod ports")
const anyAddress = '0.0.0.0'

const conflict = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress)

/** Host ports are given out once for each address and protocol. */
export const nodePorts: Predicate = {
  name: 'NodePorts',
  prepare(pod) {
    const wanted = hostPortsOf(pod)
    if (wanted.length === 0) return undefined
    const isTaken = (used: HostPort): boolean => wanted.some((port) => conflict(port, used))
    return { key: JSON.stringify(wanted), check: ({ hostPorts }) => (hostPorts.some(isTaken) ? refusal : fits) }
  },
  mayHelp(event, pod) {
    if (event.type === 'nodeAdded') return true
    if (event.type !== 'podGone') return false
    const freed = hostPortsOf(event.pod)
    return hostPortsOf(pod).some((wanted) => freed.some((port) => conflict(wanted, port)))
  },
}
