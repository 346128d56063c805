/** What classes of storage and classes of attributes share: who makes the volumes, and with what parameters. */
import { invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import { problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import { textBytes } from '../core/data-validation.ts'

const mostParameters = 512
const mostParameterBytes = 256 * 1024

/** It is looked at, and shown, in small letters. */
export function validateProvisioner(name = '', path: string): FieldError[] {
  const small = name.toLowerCase()
  return name === '' ? [required(path)] : problemsAt(path, small, qualifiedNameProblems(small))
}

export const mapBytes = (map: Readonly<Record<string, string>>): number =>
  Object.entries(map).reduce((sum, [key, value]) => sum + textBytes(key) + textBytes(value), 0)

export function validateParameters(parameters: Readonly<Record<string, string>>): FieldError[] {
  if (Object.keys(parameters).length > mostParameters) return [tooLong('parameters', mostParameters)]
  return [
    ...(Object.hasOwn(parameters, '') ? [invalid('parameters', '', 'field can not be empty.')] : []),
    ...(mapBytes(parameters) > mostParameterBytes ? [tooLong('parameters', mostParameterBytes)] : []),
  ]
}
