/** What a claim for storage uses: itself and its size, in total and of its storage class. */
import { compareQuantities, parseQuantity } from '../meta/quantity.ts'
import type { PersistentVolumeClaim } from '../types/core-v1.ts'
import { wholeNumber } from './amounts.ts'
import type { Evaluator } from './evaluator.ts'
import { fitsName } from './pod-scopes.ts'

const classInfix = '.storageclass.storage.k8s.io/'
const counted = 'persistentvolumeclaims'
const size = 'requests.storage'

export const claimEvaluator: Evaluator = {
  counts: (name) =>
    [`count/${counted}`, counted, size].includes(name) ||
    name.endsWith(`${classInfix}${size}`) ||
    name.endsWith(`${classInfix}${counted}`),

  usage(object) {
    const { spec } = object as PersistentVolumeClaim
    const amounts = new Map([
      [counted, wholeNumber(1)],
      [`count/${counted}`, wholeNumber(1)],
    ])
    const className = spec?.storageClassName ?? ''
    if (className !== '') amounts.set(`${className}${classInfix}${counted}`, wholeNumber(1))
    const storage = sizeOf(object as PersistentVolumeClaim)
    if (storage === undefined) return amounts
    amounts.set(size, storage)
    return className === '' ? amounts : amounts.set(`${className}${classInfix}${size}`, storage)
  },

  inScope(object, requirement) {
    if (requirement.scope !== 'VolumeAttributesClass') return false
    const { spec, status } = object as PersistentVolumeClaim
    const names = [
      spec?.volumeAttributesClassName ?? '',
      status?.currentVolumeAttributesClassName ?? '',
      status?.modifyVolumeStatus?.targetVolumeAttributesClassName ?? '',
    ].filter((name) => name !== '')
    // While a volume is being changed, the class that it has and the one that it gets both count it.
    return names.length === 0 ? fitsName('', requirement) : names.some((name) => fitsName(name, requirement))
  },

  chargesUpdate: (subresource) => subresource === '',
}

/** A claim that shrinks back after a failed growth still counts what was allocated. */
function sizeOf({ spec, status }: PersistentVolumeClaim): ReturnType<typeof parseQuantity> | undefined {
  const wanted = spec?.resources?.requests?.storage
  const allocated = status?.allocatedResources?.storage
  if (wanted === undefined) return undefined
  const asked = parseQuantity(wanted)
  if (allocated === undefined) return asked
  const given = parseQuantity(allocated)
  return compareQuantities(asked, given) < 0 ? given : asked
}
