/** Certificates that pods may trust, in the name of a signer or of nobody. */
import { defineKind, type Kind } from '../../define-kind.ts'
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import { subdomainName } from '../../meta/names.ts'
import type { ClusterTrustBundle } from '../../types/certificates-v1beta1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import { validateSignerName } from './request-validation.ts'

const certificatePattern = /-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g

function validateBundle({ metadata, spec }: ClusterTrustBundle): FieldError[] {
  const { signerName = '', trustBundle = '' } = spec ?? {}
  return [...validateName(metadata?.name ?? '', signerName), ...validateCertificates(trustBundle)]
}

/** `example.com:signer:name` for a signer; for nobody a name without colons. */
function validateName(name: string, signerName: string): FieldError[] {
  if (signerName === '')
    return subdomainName(name, false).map((words) =>
      invalid('metadata.name', name, `ClusterTrustBundle without signer name must not have ":" in its name: ${words}`),
    )
  const prefix = `${signerName.replaceAll('/', ':')}:`
  const errors = validateSignerName('spec.signerName', signerName)
  if (!name.startsWith(prefix)) {
    const words = `ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`
    return [...errors, invalid('metadata.name', name, words)]
  }
  return [
    ...errors,
    ...subdomainName(name.slice(prefix.length), false).map((words) => invalid('metadata.name', name, words)),
  ]
}

function validateCertificates(bundle: string): FieldError[] {
  const path = 'spec.trustBundle'
  if (bundle === '') return [required(path)]
  const blocks = [...bundle.matchAll(certificatePattern)]
  if (blocks.length === 0) return [invalid(path, '<value omitted>', 'no trust anchors provided')]
  const bodies = blocks.map(([, , body = '']) => body.replace(/\s+/g, ''))
  const errors = blocks.flatMap(([, type = ''], index) =>
    type === 'CERTIFICATE' ? [] : [invalid(path, '<value omitted>', `entry ${index} has bad block type: ${type}`)],
  )
  const places = new Map<string, number>()
  bodies.forEach((body, index) => {
    const first = places.get(body)
    if (first === undefined) places.set(body, index)
    else
      errors.push(
        invalid(path, '<value omitted>', `duplicate trust anchor (indices ${JSON.stringify([first, index])})`),
      )
  })
  return errors
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
    validate: validateBundle,
    validateUpdate: (object, previous) =>
      checkUnchanged('spec.signerName', object.spec?.signerName ?? '', previous.spec?.signerName ?? ''),
  })

export const clusterTrustBundle = inVersion('v1beta1')
export const clusterTrustBundleAlpha = inVersion('v1alpha1')
