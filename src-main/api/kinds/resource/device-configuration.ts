/** What only a driver understands: configuration of devices, and what it tells of them. */
import { invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import type { OpaqueDeviceConfiguration } from '../../types/resource-v1.ts'
import { textBytes } from '../core/data-validation.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'

const longestRawBytes = 10 * 1024
/** Of claims and classes alike. */
export const mostConfigurations = 32

/** `stored`: it was there before, and may be longer than what is new. */
export function validateConfiguration(
  { opaque }: { readonly opaque?: Partial<OpaqueDeviceConfiguration> },
  path: string,
  stored = false,
): FieldError[] {
  if (opaque === undefined) return [required(`${path}.opaque`)]
  return [
    ...checkDriverName(`${path}.opaque.driver`, opaque.driver),
    ...validateRawObject(opaque.parameters, `${path}.opaque.parameters`, stored),
  ]
}

/** An object of any form. Its size is that of its shortest text. */
export function validateRawObject(value: unknown, path: string, stored = false): FieldError[] {
  if (value === undefined || value === null) return [required(path)]
  if (!stored && textBytes(JSON.stringify(value)) > longestRawBytes) return [tooLong(path, longestRawBytes)]
  return typeof value === 'object' && !Array.isArray(value)
    ? []
    : [invalid(path, '<value omitted>', 'must be a valid JSON object')]
}
