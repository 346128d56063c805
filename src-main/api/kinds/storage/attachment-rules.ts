import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkRequired, checkUnchanged, problemsAt, sameValue } from '../../meta/field-checks.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { CSIStorageCapacity, VolumeAttachment, VolumeAttributesClass } from '../../types/storage-v1.ts'
import { checkQuantity } from '../core/pod-spec/resources.ts'
import { driverNameProblems } from './csi-driver-rules.ts'

/** One volume to one node, for good. */
export const volumeAttachmentRules = {
  updatesNeedVersion: true,
  validate(object: DynamicObject): FieldError[] {
    const { attacher = '', nodeName, source } = (object as unknown as VolumeAttachment).spec ?? {}
    const { persistentVolumeName = '', inlineVolumeSpec } = source ?? {}
    const given = (persistentVolumeName === '' ? 0 : 1) + (inlineVolumeSpec === undefined ? 0 : 1)
    return [
      ...(attacher === ''
        ? [required('spec.attacher')]
        : problemsAt('spec.attacher', attacher, driverNameProblems(attacher))),
      ...(given === 0
        ? [required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName')]
        : []),
      ...(given === 2
        ? [forbidden('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName')]
        : []),
      ...checkRequired('spec.nodeName', nodeName),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    sameValue(object.spec, previous.spec) ? [] : [invalid('spec', object.spec, 'field is immutable')],
}

const asCapacity = (object: DynamicObject): CSIStorageCapacity => object as unknown as CSIStorageCapacity

/** How much storage of a class there is in one part of the topology. */
export const csiStorageCapacityRules = {
  updatesNeedVersion: true,
  validate(object: DynamicObject): FieldError[] {
    const { storageClassName, capacity, maximumVolumeSize, nodeTopology } = asCapacity(object)
    return [
      ...checkRequired('storageClassName', storageClassName),
      ...(capacity === undefined ? [] : checkQuantity('capacity', capacity)),
      ...(maximumVolumeSize === undefined ? [] : checkQuantity('maximumVolumeSize', maximumVolumeSize)),
      ...(nodeTopology === undefined ? [] : validateLabelSelector(nodeTopology, 'nodeTopology')),
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
    const { driverName = '', parameters = {} } = asAttributes(object)
    return [
      ...(driverName === ''
        ? [required('driverName')]
        : problemsAt('driverName', driverName, driverNameProblems(driverName))),
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
