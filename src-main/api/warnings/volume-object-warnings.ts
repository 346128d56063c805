import type { PersistentVolume } from '../types/core-v1.ts'
import { annotationWarning } from './annotation-warning.ts'
import { selectorTermWarnings } from './node-labels.ts'
import { deprecatedSources } from './volume-warnings.ts'

export const volumeObjectWarnings = ({ metadata, spec = {} }: PersistentVolume): string[] => [
  ...annotationWarning(
    metadata,
    'volume.beta.kubernetes.io/storage-class',
    'deprecated since v1.8; use "storageClassName" attribute instead',
  ),
  ...annotationWarning(
    metadata,
    'volume.beta.kubernetes.io/mount-options',
    'deprecated since v1.31; use "mountOptions" attribute instead',
  ),
  ...(spec.persistentVolumeReclaimPolicy === 'Recycle'
    ? [
        'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. ' +
          'Instead, the recommended approach is to use dynamic provisioning.',
      ]
    : []),
  ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, index) =>
    selectorTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`),
  ),
  ...deprecatedSources(spec, 'spec'),
]
