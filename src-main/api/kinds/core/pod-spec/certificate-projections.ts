/** Files of a pod that hold whom it trusts (KEP-3257), and what it proves itself with (KEP-4317). */
import { invalid, notSupported, required, type FieldError } from '../../../field-error.ts'
import { problemsAt } from '../../../meta/field-checks.ts'
import { validateLabelSelector } from '../../../meta/validate-labels.ts'
import type { ClusterTrustBundleProjection, PodCertificateProjection } from '../../../types/core-v1.ts'
import { bundleNameProblems } from '../../certificates/bundle-name.ts'
import { validateSignerName } from '../../certificates/request-validation.ts'
import { checkFile } from './volume-mounts.ts'

/** One bundle by its name, or those of a signer, by their labels. */
export function validateTrustBundle(bundle: ClusterTrustBundleProjection, path: string): FieldError[] {
  return [...validateChoice(bundle, path), ...checkFile(`${path}.path`, bundle.path ?? '')]
}

function validateChoice(bundle: ClusterTrustBundleProjection, path: string): FieldError[] {
  const { name, signerName, labelSelector } = bundle
  if (name !== undefined && signerName !== undefined)
    return [invalid(path, bundle, 'only one of name and signerName may be used')]
  if (signerName !== undefined)
    return [
      ...(signerName === '' ? [required(`${path}.signerName`, 'must be a valid signer name')] : []),
      ...validateSignerName(`${path}.signerName`, signerName),
      ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ]
  if (name === undefined) return [required(path, 'either name or signerName must be specified')]
  const problems = bundleNameProblems(name, signerOf(name))
  const words = 'labelSelector must be unset if name is specified'
  return [
    ...(name === '' ? [required(`${path}.name`, 'must be a valid object name')] : []),
    ...problemsAt(
      `${path}.name`,
      name,
      problems.map((problem) => `not a valid clustertrustbundlename: ${problem}`),
    ),
    ...(labelSelector === undefined ? [] : [invalid(`${path}.labelSelector`, labelSelector, words)]),
  ]
}

/** `example.com:signer:name` is of `example.com/signer`. */
function signerOf(name: string): string {
  const at = name.lastIndexOf(':')
  return at < 0 ? '' : name.slice(0, at).replace(':', '/')
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']

export function validatePodCertificate(source: PodCertificateProjection, path: string): FieldError[] {
  const { signerName = '', keyType = '' }: Partial<PodCertificateProjection> = source
  const files = (['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const).filter(
    (field) => (source[field] ?? '') !== '',
  )
  return [
    ...validateSignerName(`${path}.signerName`, signerName),
    ...(keyTypes.includes(keyType) ? [] : [notSupported(`${path}.keyType`, keyType, keyTypes)]),
    ...files.flatMap((field) => checkFile(`${path}.${field}`, source[field] ?? '')),
  ]
}
