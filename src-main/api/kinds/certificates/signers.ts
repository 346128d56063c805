/** The signers that a cluster has itself, and what a request to each of them must be like. */
import type { CertificateRequest } from './certificate-request.ts'

export const kubeletClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet'
export const clientSigner = 'kubernetes.io/kube-apiserver-client'
export const kubeletServingSigner = 'kubernetes.io/kubelet-serving'
export const legacyUnknownSigner = 'kubernetes.io/legacy-unknown'

const nodesGroup = 'system:nodes'
const nodePrefix = 'system:node:'

type Check = (request: CertificateRequest, usages: readonly string[]) => string | undefined

/** What is wrong with a request for this signer, in words; undefined: it may be signed. */
export const signerChecks: ReadonlyMap<string, Check> = new Map<string, Check>([
  [clientSigner, (_request, usages) => checkUsages(usages, ['client auth'])],
  [kubeletClientSigner, checkKubeletClient],
  [kubeletServingSigner, checkKubeletServing],
  // Nothing is known of these but that somebody approved them.
  [legacyUnknownSigner, () => undefined],
])

export function checkKubeletClient(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dnsNames, emails, ipAddresses, uris } = request
  if ([...dnsNames, ...emails, ...ipAddresses, ...uris].length > 0)
    return 'DNS, IP, email and URI subjectAltNames are not allowed'
  return checkNodeSubject(request) ?? checkUsages(usages, ['client auth'])
}

function checkKubeletServing(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dnsNames, emails, ipAddresses, uris } = request
  if (dnsNames.length + ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (emails.length > 0) return 'email subjectAltNames are not allowed'
  if (uris.length > 0) return 'URI subjectAltNames are not allowed'
  return checkNodeSubject(request) ?? checkUsages(usages, ['server auth'])
}

function checkNodeSubject({ commonName, organizations }: CertificateRequest): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== nodesGroup) return `subject organization is not ${nodesGroup}`
  return commonName.startsWith(nodePrefix) ? undefined : `subject common name does not begin with ${nodePrefix}`
}

/** Beside what every such certificate may be used for. */
function checkUsages(usages: readonly string[], purposes: readonly string[]): string | undefined {
  const allowed = new Set(['digital signature', 'key encipherment', ...purposes])
  const isFitting = usages.every((usage) => allowed.has(usage)) && purposes.every((usage) => usages.includes(usage))
  return isFitting ? undefined : `usages did not match ${JSON.stringify([...allowed])}`
}
