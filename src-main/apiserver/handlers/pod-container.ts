/** Which container of a pod a request means. The sentences are those of Kubernetes: tools look for them. */
import { badRequest } from '../../api/errors.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Container, ContainerStatus, Pod } from '../../api/types/core-v1.ts'
import type { ContainerAddress, NodeAgent, NodeAgents } from '../node-agent.ts'
import { serviceUnavailable } from '../../api/errors.ts'

/** The named container, or the only one. Throws a BadRequest that lists the choices. */
export function chooseContainer(pod: Live<Pod>, asked: string | null): string {
  const main = namesOf(pod.spec?.containers)
  const init = namesOf(pod.spec?.initContainers)
  const ephemeral = namesOf(pod.spec?.ephemeralContainers)
  const name = asked ?? ''
  if (name !== '') {
    if ([...main, ...init, ...ephemeral].includes(name)) return name
    throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`)
  }
  const [only] = main
  if (main.length === 1 && only !== undefined) return only
  const others = [
    init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`,
    ephemeral.length === 0 ? '' : ` or one of the ephemeral containers: [${ephemeral.join(' ')}]`,
  ].join('')
  const choices = main.length === 0 ? '' : `, choose one of: [${main.join(' ')}]${others}`
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}${choices}`)
}

const namesOf = (containers: readonly Pick<Container, 'name'>[] | undefined): string[] =>
  (containers ?? []).map(({ name }) => name)

export function containerStatus(pod: Pod, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    ({ name }) => name === container,
  )
}

export function containerAddress(pod: Live<Pod>, container: string): ContainerAddress {
  const { namespace = '', name, uid } = pod.metadata
  return { namespace, pod: name, uid, container }
}

/** Throws ServiceUnavailable when the pod's node cannot be reached. */
export function agentOf(pod: Live<Pod>, nodeName: string, agents: NodeAgents): NodeAgent {
  const agent = agents(nodeName)
  if (agent === undefined)
    throw serviceUnavailable(`node ${nodeName} of pod ${pod.metadata.name} cannot be reached now`)
  return agent
}
