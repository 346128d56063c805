import type { PersistentVolumeClaim } from '../types/core-v1.ts'
import { annotationWarning } from './annotation-warning.ts'
import { fractionalByteWarnings } from './fractional-bytes.ts'

type ClaimSpec = Pick<NonNullable<PersistentVolumeClaim['spec']>, 'resources'>

export function claimSpecWarnings({ resources }: ClaimSpec, path: string): string[] {
  return [
    ...fractionalByteWarnings(resources?.requests, ['storage'], `${path}.resources.requests`),
    ...fractionalByteWarnings(resources?.limits, ['storage'], `${path}.resources.limits`),
  ]
}

export const claimWarnings = ({ metadata, spec }: PersistentVolumeClaim): string[] => [
  ...annotationWarning(
    metadata,
    'volume.beta.kubernetes.io/storage-class',
    'deprecated since v1.8; use "storageClassName" attribute instead',
  ),
  ...claimSpecWarnings(spec ?? {}, 'spec'),
]
