/** The variable `request`, and the part of a Namespace that `namespaceObject` shows. */
import type { Kind } from '../../../api/define-kind.ts'
import { bool, dyn, listOf, mapOf, objectType, string, timestamp, int } from '../../cel/types/type.ts'
import type { AdmissionRequest } from '../admission.ts'

const kindType = objectType('kubernetes.GroupVersionKind', { group: string, version: string, kind: string })
const resourceType = objectType('kubernetes.GroupVersionResource', {
  ...{ group: string, version: string, resource: string },
})
const userType = objectType('kubernetes.UserInfo', {
  ...{ username: string, uid: string, groups: listOf(string), extra: mapOf(string, listOf(string)) },
})

export const requestType = objectType('kubernetes.AdmissionRequest', {
  ...{ kind: kindType, resource: resourceType, subResource: string },
  ...{ requestKind: kindType, requestResource: resourceType, requestSubResource: string },
  ...{ name: string, namespace: string, operation: string, userInfo: userType, dryRun: bool, options: dyn },
})

const metaType = objectType('kubernetes.NamespaceMetadata', {
  ...{ name: string, generateName: string, namespace: string, uid: string, resourceVersion: string, generation: int },
  ...{ labels: mapOf(string, string), annotations: mapOf(string, string), finalizers: listOf(string) },
  ...{ creationTimestamp: timestamp, deletionTimestamp: timestamp, deletionGracePeriodSeconds: int },
})

export const namespaceType = objectType('kubernetes.Namespace', {
  metadata: metaType,
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listOf(string) }),
  status: objectType('kubernetes.NamespaceStatus', { phase: string }),
})

const kindOf = ({ group, version, kind }: Kind): object => ({ group, version, kind })
const resourceOf = ({ group, version, plural }: Kind): object => ({ group, version, resource: plural })
/** As JSON has it: what is empty is not there. */
const unlessEmpty = (name: string, value: string): object => (value === '' ? {} : { [name]: value })

/** The data of `request`. `matched` is the kind through which a rule matched. */
export function requestData(request: AdmissionRequest, matched: Kind): object {
  const { kind, objectKind, subresource, name, namespace, operation, user, dryRun } = request
  return {
    ...{
      kind: objectKind ?? kindOf(matched),
      resource: resourceOf(matched),
      ...unlessEmpty('subResource', subresource),
    },
    ...{ requestKind: objectKind ?? kindOf(kind), requestResource: resourceOf(kind) },
    ...unlessEmpty('requestSubResource', subresource),
    ...unlessEmpty('name', name),
    ...unlessEmpty('namespace', namespace),
    ...{ operation, dryRun },
    userInfo: {
      username: user.name,
      ...unlessEmpty('uid', user.uid ?? ''),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
  }
}
