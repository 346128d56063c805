/** `pods/<name>/proxy`, `services/<name>/proxy`, `nodes/<name>/proxy`: HTTP servers of the cluster, through this one. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { parseProxyName, podTarget, serviceTargets } from '../proxy/proxy-target.ts'
import { proxied, splitProxyPath } from '../proxy/proxied.ts'
import { admitConnect } from '../registry/admit.ts'
import type { Answer } from '../request.ts'
import { storedObject } from './get.ts'
import { handleNodeProxy } from './node-proxy.ts'

const optionKinds: Readonly<Record<string, string>> = {
  pods: 'PodProxyOptions',
  services: 'ServiceProxyOptions',
  nodes: 'NodeProxyOptions',
}

export async function handleProxy(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { request, kind, target } = operation
  const { prefix, rest } = splitProxyPath(request.path)
  const options = { kind: optionKinds[kind.plural] ?? '', apiVersion: 'v1', ...(rest === '' ? {} : { path: rest }) }
  await admitConnect(parts, operation, options as DynamicObject)
  const name = parseProxyName(target.name)
  const named: Operation = { ...operation, target: { ...target, name: name.name } }
  if (kind.plural === 'nodes') return handleNodeProxy(parts, named, name, { prefix, rest })
  const endpoints =
    kind.plural === 'pods'
      ? [podTarget(storedObject(parts, named).object as Pod, name)]
      : serviceTargets(parts.cache, target.namespace, name)
  return proxied(parts, request, endpoints, name, { prefix, rest })
}
