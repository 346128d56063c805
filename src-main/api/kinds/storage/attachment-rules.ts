import { forbidden, invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkUnchanged, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type {
  CSIStorageCapacity,
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeAttributesClass,
  VolumeError,
} from '../../types/storage-v1.ts'
import { validateInlineVolume } from '../core/persistent-volume-validation.ts'
import { textBytes } from '../core/data-validation.ts'
import { checkQuantity } from '../core/pod-spec/resources.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'
import { mapBytes, validateParameters, validateProvisioner } from './provisioner-rules.ts'

const asAttachment = (object: DynamicObject): VolumeAttachment => object as unknown as VolumeAttachment

const mostMetadataBytes = 256 * 1024
const mostMessageBytes = 1024

/** One volume to one node, for good. */
export const volumeAttachmentRules = {
  updatesNeedVersion: true,
  validate(object: DynamicObject): FieldError[] {
    const { spec, status } = asAttachment(object)
    const { attacher = '', nodeName = '', source } = spec ?? {}
    return [
      ...(attacher === '' ? [required('spec.attacher')] : []),
      ...validateSource(source ?? {}, 'spec.source'),
      ...problemsAt('spec.nodeName', nodeName, dnsSubdomainProblems(nodeName)),
      ...(mapBytes(status?.attachmentMetadata ?? {}) > mostMetadataBytes
        ? [tooLong('status.attachmentMetadata', mostMetadataBytes)]
        : []),
      ...validateFault(status?.attachError, 'status.attachError'),
      ...validateFault(status?.detachError, 'status.detachError'),
    ]
  },
  validateNew(object: DynamicObject): FieldError[] {
    const { attacher, source } = asAttachment(object).spec ?? {}
    const { persistentVolumeName: name } = source ?? {}
    return [
      ...checkDriverName('spec.attacher', attacher),
      ...(name === undefined ? [] : problemsAt('spec.source.persistentVolumeName', name, dnsSubdomainProblems(name))),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    sameValue(object.spec, previous.spec) ? [] : [invalid('spec', object.spec, 'field is immutable')],
}

function validateSource(source: Partial<VolumeAttachmentSource>, path: string): FieldError[] {
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = source
  const words = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (name !== undefined && inline !== undefined) return [forbidden(path, words)]
  if (inline !== undefined) return validateInlineVolume(inline, `${path}.inlineVolumeSpec`)
  if (name === undefined) return [required(path, words)]
  return name === '' ? [required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName')] : []
}

/** Why it did not work. Of a message that is too long Kubernetes names the limit of the metadata. */
function validateFault(fault: VolumeError | undefined, path: string): FieldError[] {
  const { message = '', errorCode: code = 0 } = fault ?? {}
  return [
    ...(textBytes(message) > mostMessageBytes ? [tooLong(`${path}.message`, mostMetadataBytes)] : []),
    ...(code < 0 ? [invalid(`${path}.errorCode`, code, 'must be between 0 and 2147483647, inclusive')] : []),
  ]
}

const asCapacity = (object: DynamicObject): CSIStorageCapacity => object as unknown as CSIStorageCapacity

/** How much storage of a class there is in one part of the topology. */
export const csiStorageCapacityRules = {
  updatesNeedVersion: true,
  validate(object: DynamicObject): FieldError[] {
    const { storageClassName = '', capacity, nodeTopology } = asCapacity(object)
    return [
      ...validateLabelSelector(nodeTopology, 'nodeTopology'),
      ...problemsAt('storageClassName', storageClassName, dnsSubdomainProblems(storageClassName)),
      ...(capacity === undefined ? [] : checkQuantity('capacity', capacity)),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] => [
    ...checkUnchanged('nodeTopology', asCapacity(object).nodeTopology, asCapacity(previous).nodeTopology),
    ...checkUnchanged('storageClassName', asCapacity(object).storageClassName, asCapacity(previous).storageClassName),
  ],
}

const asAttributes = (object: DynamicObject): VolumeAttributesClass => object as unknown as VolumeAttributesClass

/** Attributes that a driver can give to volumes; other ones are another class. */
export const volumeAttributesClassRules = {
  validate(object: DynamicObject): FieldError[] {
    const { driverName, parameters = {} } = asAttributes(object)
    return [
      ...validateProvisioner(driverName, 'driverName'),
      ...validateParameters(parameters),
      ...(Object.keys(parameters).length === 0
        ? [required('parameters', 'must contain at least one key/value pair')]
        : []),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    (['driverName', 'parameters'] as const)
      .filter((field) => !sameValue(asAttributes(object)[field], asAttributes(previous)[field]))
      .map((field) => forbidden(field, `updates to ${field} are forbidden.`)),
}
