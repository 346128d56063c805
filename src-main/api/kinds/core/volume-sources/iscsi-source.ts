import { invalid, required, type FieldError } from '../../../field-error.ts'
import { checkRequired } from '../../../meta/field-checks.ts'
import type { ISCSIPersistentVolumeSource } from '../../../types/core-v1.ts'
import { isByte, notAByte } from './network-sources.ts'

const longest = 64
const tooLong =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'

const forms: readonly (readonly [string, RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[A-Za-z0-9]{16}$/],
  ['naa', /^naa.[A-Za-z0-9]{32}$/],
]

/** An iSCSI name: `iqn.2001-04.com.example:disk`, `eui.…` or `naa.…`. */
function checkName(path: string, name: string): FieldError[] {
  const form = forms.find(([start]) => name.startsWith(start))
  return form?.[1].test(name) === true ? [] : [invalid(path, name, 'must be valid format')]
}

/** A target of a volume object of this name. */
export function validateIscsi(source: ISCSIPersistentVolumeSource, name: string, path: string): FieldError[] {
  const { targetPortal = '', iqn = '', lun = 0, initiatorName, secretRef } = source
  const authenticates = source.chapAuthDiscovery === true || source.chapAuthSession === true
  return [
    ...checkRequired(`${path}.targetPortal`, targetPortal),
    ...(initiatorName !== undefined && `${name}:${targetPortal}`.length > longest
      ? [invalid(`${path}.targetportal`, targetPortal, tooLong)]
      : []),
    ...(iqn === '' ? [required(`${path}.iqn`)] : checkName(`${path}.iqn`, iqn)),
    ...(isByte(lun) ? [] : [invalid(`${path}.lun`, lun, notAByte)]),
    ...(authenticates && secretRef === undefined ? [required(`${path}.secretRef`)] : []),
    ...(secretRef === undefined ? [] : checkRequired(`${path}.secretRef.name`, secretRef.name)),
    ...(initiatorName === undefined ? [] : checkName(`${path}.initiatorname`, initiatorName)),
  ]
}
