/** A node's identity writes only what is that node's: its Node, its Lease, and the pods bound to it. */
import { forbiddenRequest } from '../../api/errors.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { UserInfo } from '../request.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

const userPrefix = 'system:node:'

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  validate(request) {
    const { user, kind, name } = request
    const node = nodeOfUser(user)
    const problem = node === undefined ? undefined : problemOf(request, node)
    if (problem !== undefined) throw forbiddenRequest(kind, name, `node ${JSON.stringify(node)} ${problem}`)
  },
}

/** The node whose identity this is; undefined for everybody else. */
export function nodeOfUser(user: UserInfo): string | undefined {
  const isNode = user.name.startsWith(userPrefix) && user.groups.includes('system:nodes')
  return isNode ? user.name.slice(userPrefix.length) : undefined
}

function problemOf({ kind, name, object, previous }: AdmissionRequest, node: string): string | undefined {
  if (kind.group === '' && kind.kind === 'Pod') {
    const { spec } = (previous ?? object) as Pod
    return spec?.nodeName === node ? undefined : 'may only write pods that are bound to it'
  }
  const owned = (kind.group === '' && kind.kind === 'Node') || kind.kind === 'Lease'
  return !owned || name === node ? undefined : `is not allowed to write the ${kind.kind} of another node`
}
