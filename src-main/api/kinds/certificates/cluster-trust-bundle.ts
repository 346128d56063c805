/** Certificates that pods may trust, in the name of a signer or of nobody. */
import { defineKind, type Kind } from '../../define-kind.ts'
import { invalid, tooLong, type FieldError } from '../../field-error.ts'
import { checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import type { ClusterTrustBundle } from '../../types/certificates-v1beta1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import { bundleNameProblems } from './bundle-name.ts'
import { readCertificate } from './certificate.ts'
import { readPem, type PemBlock } from './pem.ts'
import { validateSignerName } from './request-validation.ts'

const longestBundleBytes = 1024 * 1024
const omitted = '<value omitted>'

function validateNames({ metadata, spec }: ClusterTrustBundle): FieldError[] {
  const { signerName = '' } = spec ?? {}
  return [
    ...problemsAt('metadata.name', metadata?.name, bundleNameProblems(metadata?.name ?? '', signerName)),
    ...(signerName === '' ? [] : validateSignerName('spec.signerName', signerName)),
  ]
}

/** Certificates of authorities, each once. */
function validateAnchors(bundle = ''): FieldError[] {
  const path = 'spec.trustBundle'
  if (bundle.length > longestBundleBytes) return [tooLong(path, longestBundleBytes)]
  const blocks = readPem(bundle)
  const problems = blocks.flatMap((block, index) => {
    const problem = blockProblem(block)
    return problem === undefined ? [] : [`entry ${index} ${problem}`]
  })
  if (problems.length > 0) return problemsAt(path, omitted, problems)
  if (blocks.length === 0) return [invalid(path, omitted, 'at least one trust anchor must be provided')]
  const places = new Map<string, number[]>()
  blocks.forEach(({ bytes }, index) => {
    const key = new TextDecoder('latin1').decode(bytes)
    const found = places.get(key)
    if (found === undefined) places.set(key, [index])
    else found.push(index)
  })
  const repeated = [...places.values()].filter(({ length }) => length > 1)
  return repeated.map((indices) => invalid(path, omitted, `duplicate trust anchor (indices [${indices.join(' ')}])`))
}

function blockProblem({ type, hasHeaders, bytes }: PemBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`
  if (hasHeaders) return 'has PEM block headers'
  const certificate = readCertificate(bytes)
  if (certificate === undefined) return 'does not parse as X.509'
  return certificate.isAuthority ? undefined : 'does not have the CA bit set'
}

const inVersion = (version: string): Kind<ClusterTrustBundle> =>
  defineKind<ClusterTrustBundle>({
    group: 'certificates.k8s.io',
    version,
    kind: 'ClusterTrustBundle',
    plural: 'clustertrustbundles',
    scope: 'Cluster',
    updatesNeedVersion: true,
    ownColumns: true,
    columns: [nameColumn, column('SignerName', 'string', ({ spec }) => spec?.signerName ?? ''), ageColumn],
    // A name has colons when it is of a signer; which, is checked with the signer.
    nameRule: () => [],
    selectableFields: { 'spec.signerName': ({ spec }) => spec?.signerName ?? '' },
    validateNew: (object) => [...validateNames(object), ...validateAnchors(object.spec?.trustBundle)],
    // Anchors that stay are not read anew: what reads them may have become stricter.
    validateUpdate: (object, { spec: before }) => [
      ...validateNames(object),
      ...(object.spec?.trustBundle === before?.trustBundle ? [] : validateAnchors(object.spec?.trustBundle)),
      ...checkUnchanged('spec.signerName', object.spec?.signerName ?? '', before?.signerName ?? ''),
    ],
  })

export const clusterTrustBundle = inVersion('v1beta1')
export const clusterTrustBundleAlpha = inVersion('v1alpha1')
