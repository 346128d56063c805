import { isDryRun } from '../registry/delete.ts'
import { fieldValidationOf, type FieldValidation } from '../registry/schema-steps.ts'

export interface WriteOptions {
  readonly dryRun: boolean
  readonly validation: FieldValidation
}

export function writeOptionsOf(query: URLSearchParams): WriteOptions {
  return { dryRun: isDryRun(query.getAll('dryRun')), validation: fieldValidationOf(query) }
}
