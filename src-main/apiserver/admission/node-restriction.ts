/** A node's identity writes only what is that node's: its Node, its Lease, and the pods bound to it. */
import { forbiddenRequest } from '../../api/errors.ts'
import { readCertificateRequest } from '../../api/kinds/certificates/certificate-request.ts'
import { kubeletClientSigner, kubeletServingSigner } from '../../api/kinds/certificates/signers.ts'
import { sameValue } from '../../api/meta/field-checks.ts'
import { mirrorAnnotation } from '../../api/meta/pod.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.ts'
import type { PodCertificateRequestSpec } from '../../api/types/certificates-v1beta1.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { nodeOfUser } from '../authorization/node-authorizer.ts'
import { podNeeds } from '../authorization/pod-references.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { forbiddenNodeLabels } from './node-labels.ts'

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  validate(request, { cache }) {
    const { user, kind, name } = request
    const node = nodeOfUser(user)
    if (node === undefined) return
    const problem = problemOf(request, node, cache)
    if (problem !== undefined) throw forbiddenRequest(kind, name, problem)
  },
}

function problemOf(request: AdmissionRequest, node: string, cache: WatchCache): string | undefined {
  const { kind } = request
  switch (`${kind.group}/${kind.kind}`) {
    case '/Pod':
      return podProblem(request, node, cache)
    case '/Node':
      return nodeProblem(request, node)
    case '/PersistentVolumeClaim':
      return claimProblem(request, node)
    case 'certificates.k8s.io/PodCertificateRequest':
      return podCertificateProblem(request, node, cache)
    case 'coordination.k8s.io/Lease':
      return ownNameProblem(request, node, 'lease')
    case 'storage.k8s.io/CSINode':
      return ownNameProblem(request, node, 'CSINode')
    case 'resource.k8s.io/ResourceSlice':
      return specNodeProblem(request, node)
    case 'certificates.k8s.io/CertificateSigningRequest':
      return certificateProblem(request)
    default:
      return undefined
  }
}

function podProblem(request: AdmissionRequest, node: string, cache: WatchCache): string | undefined {
  const { namespace, name } = request
  const stored = (): Pod | undefined =>
    cache.resource('core/pods').get(`${namespace}/${name}`)?.object as Pod | undefined
  const nodeUid = (): string | undefined => cache.resource('core/nodes').get(node)?.object.metadata?.uid
  const { operation, subresource, object, previous } = request
  const who = `node ${JSON.stringify(node)}`
  if (subresource === 'eviction' || operation === 'DELETE')
    return isOn(subresource === 'eviction' ? stored() : ((previous ?? object) as Pod), node)
      ? undefined
      : `${who} can only evict or delete pods with spec.nodeName set to itself`
  if (subresource === 'status') {
    if (!isOn(previous as Pod, node))
      return `${who} can only update pod status for pods with spec.nodeName set to itself`
    if (!sameValue(object.metadata?.labels, previous?.metadata?.labels))
      return `${who} cannot update labels through pod status`
    const claims = (pod: Pod): unknown => pod.status?.resourceClaimStatuses
    return sameValue(claims(object as Pod), claims(previous as Pod))
      ? undefined
      : `${who} cannot update resource claim statuses`
  }
  if (operation !== 'CREATE') return `unexpected operation ${JSON.stringify(operation)}`
  return mirrorPodProblem(object as Pod, node, nodeUid)
}

const isOn = (pod: Pod | undefined, node: string): boolean => pod?.spec?.nodeName === node

/** The image of a static pod: it is the node's own, and gives it nothing that it does not have. */
function mirrorPodProblem(pod: Pod, node: string, nodeUid: () => string | undefined): string | undefined {
  const who = `node ${JSON.stringify(node)}`
  if (pod.metadata?.annotations?.[mirrorAnnotation] === undefined)
    return `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, ${who} can only create mirror pods`
  if (!isOn(pod, node)) return `${who} can only create pods with spec.nodeName set to itself`
  const [owner, ...more] = pod.metadata.ownerReferences ?? []
  if (owner !== undefined) {
    if (more.length > 0) return `${who} can only create pods with a single owner reference set to itself`
    const isNode = owner.apiVersion === 'v1' && owner.kind === 'Node' && owner.name === node
    if (!isNode) return `${who} can only create pods with an owner reference set to itself`
    if (owner.controller !== true) return `${who} can only create pods with a controller owner reference set to itself`
    if (owner.blockOwnerDeletion === true) return `${who} must not set blockOwnerDeletion on an owner reference`
    if (owner.uid !== nodeUid()) return `${who} UID mismatch: the owner reference names another node`
  }
  if ((pod.spec?.serviceAccountName ?? '') !== '') return `${who} can not create pods that reference a service account`
  const { annotations: _annotations, ...meta } = pod.metadata
  if (podNeeds({ ...pod, metadata: meta }).length > 0)
    return `${who} can not create pods that reference secrets, configmaps, persistentvolumeclaims or resourceclaims`
  return undefined
}

function nodeProblem(request: AdmissionRequest, node: string): string | undefined {
  const { operation, subresource, name, object, previous } = request
  if (name !== node) return `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`
  const who = `node ${JSON.stringify(node)}`
  const wanted = object as Node
  if (operation === 'DELETE') return undefined
  if (operation === 'CREATE') {
    if (wanted.spec?.configSource !== undefined) return `${who} is not allowed to set a configSource`
    const labels = forbiddenNodeLabels({}, wanted.metadata?.labels)
    return labels.length === 0 ? undefined : labelText(who, labels)
  }
  const before = previous as Node
  if (!sameValue(wanted.metadata?.ownerReferences, before.metadata?.ownerReferences))
    return `${who} is not allowed to modify ownerReferences`
  if (
    subresource === '' &&
    wanted.spec?.configSource !== undefined &&
    !sameValue(wanted.spec.configSource, before.spec?.configSource)
  )
    return `${who} is not allowed to update configSource to a new non-nil configSource`
  if (!sameValue(wanted.spec?.taints, before.spec?.taints)) return `${who} is not allowed to modify taints`
  const labels = forbiddenNodeLabels(before.metadata?.labels, wanted.metadata?.labels)
  return labels.length === 0 ? undefined : labelText(who, labels)
}

const labelText = (who: string, labels: readonly string[]): string =>
  `${who} is not allowed to modify labels: ${labels.join(', ')}`

/** Of the claims of its pods, how far an expansion has come. */
function claimProblem(
  { operation, subresource, object, previous }: AdmissionRequest,
  node: string,
): string | undefined {
  const who = `node ${JSON.stringify(node)}`
  if (operation !== 'UPDATE' || subresource !== 'status')
    return `${who} may only update the status of persistentvolumeclaims`
  const rest = (claim: object | undefined): unknown => {
    const { status: _status, metadata, ...others } = (claim ?? {}) as { status?: unknown; metadata?: object }
    const { resourceVersion: _version, managedFields: _fields, ...meta } = (metadata ?? {}) as Record<string, unknown>
    return { ...others, metadata: meta }
  }
  return sameValue(rest(object), rest(previous))
    ? undefined
    : `${who} is not allowed to update fields other than status`
}

function ownNameProblem({ name }: AdmissionRequest, node: string, what: string): string | undefined {
  return name === node ? undefined : `can only access ${what} with the same name as the requesting node`
}

/** A node asks for certificates in its own name only. */
function certificateProblem({ operation, object, user }: AdmissionRequest): string | undefined {
  const { spec } = object as unknown as CertificateSigningRequest
  const isOfNodes = spec?.signerName === kubeletServingSigner || spec?.signerName === kubeletClientSigner
  if (operation !== 'CREATE' || !isOfNodes) return undefined
  const asked = readCertificateRequest(spec.request)
  if (asked === undefined) return 'unable to parse csr'
  return asked.commonName === user.name ? undefined : `can only create a node CSR with CN=${user.name}`
}

function specNodeProblem({ object, previous }: AdmissionRequest, node: string): string | undefined {
  const { spec } = (previous ?? object) as { spec?: { nodeName?: string } }
  return spec?.nodeName === node ? undefined : 'can only access resource slices that are of the requesting node'
}

/** A node asks for certificates of its own pods, as which they run. */
function podCertificateProblem(
  { operation, namespace, object }: AdmissionRequest,
  node: string,
  cache: WatchCache,
): string | undefined {
  if (operation !== 'CREATE') return undefined
  const who = `node ${JSON.stringify(node)}`
  const { spec = {} } = object as { spec?: Partial<PodCertificateRequestSpec> }
  if (spec.nodeName !== node)
    return `PodCertificateRequest.Spec.NodeName=${JSON.stringify(spec.nodeName ?? '')}, which is not the requesting ${who}`
  const pod = cache.resource('core/pods').get(`${namespace}/${spec.podName ?? ''}`)?.object as Pod | undefined
  if (pod === undefined) return `pod ${JSON.stringify(spec.podName ?? '')} is not known`
  if (!isOn(pod, node)) return `pod ${JSON.stringify(spec.podName)} is not on ${who}`
  if (pod.metadata?.uid !== spec.podUID) return `pod ${JSON.stringify(spec.podName)} is another one by now`
  if (pod.metadata?.annotations?.[mirrorAnnotation] !== undefined) return 'pod is a mirror pod'
  return (pod.spec?.serviceAccountName ?? '') === spec.serviceAccountName
    ? undefined
    : `pod ${JSON.stringify(spec.podName)} does not run as ${JSON.stringify(spec.serviceAccountName ?? '')}`
}
