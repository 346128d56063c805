import { badRequest } from '../../api/errors.ts'
import { fieldValidationOf, type FieldValidation } from '../registry/schema-steps.ts'

export interface WriteOptions {
  readonly dryRun: boolean
  readonly validation: FieldValidation
}

export function writeOptionsOf(query: URLSearchParams): WriteOptions {
  return { dryRun: isDryRun(query.getAll('dryRun')), validation: fieldValidationOf(query) }
}

/** `All` is the one kind of dry run that there is. */
export function isDryRun(values: readonly unknown[]): boolean {
  const given = values.filter((value) => value !== '')
  if (given.some((value) => value !== 'All'))
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(given)}: supported values: "All"`)
  return given.length > 0
}
