/** `nodes/<name>/proxy`: the kubelet's own API, answered by the node's agent; on another port, whatever listens there. */
import { methodNotAllowed, pathNotFound, serviceUnavailable } from '../../api/errors.ts'
import type { Node } from '../../api/types/core-v1.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { proxied, type ProxyPath } from '../proxy/proxied.ts'
import { readNode } from '../proxy/node-readings.ts'
import type { ProxyName } from '../proxy/proxy-target.ts'
import type { Answer } from '../request.ts'
import { storedObject } from './get.ts'

const kubeletPort = 10_250

export async function handleNodeProxy(
  parts: ServerParts,
  operation: Operation,
  name: ProxyName,
  path: ProxyPath,
): Promise<Answer> {
  const { request, verb } = operation
  const node = storedObject(parts, operation).object as Node
  const port = name.port === '' ? kubeletPort : Number(name.port)
  if (port !== kubeletPort) {
    const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''
    return proxied(parts, request, [{ address, port, nodeName: name.name }], name, path)
  }
  if (verb !== 'get') throw methodNotAllowed()
  const agent = parts.nodeAgents(name.name)
  if (agent === undefined) throw serviceUnavailable(`node ${name.name} cannot be reached now`)
  const answer = await readNode({ cache: parts.cache, agent, nodeName: name.name }, path.rest, request)
  if (answer === undefined) throw pathNotFound()
  return answer
}
