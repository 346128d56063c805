/** Selectors in questions about access: what is wrong with them, and what they are as a query would have them. */
import { invalid, notSupported, required, type FieldError } from '../../api/field-error.ts'
import { checkEach } from '../../api/meta/field-checks.ts'
import { fieldSelectorFromMap } from '../../api/meta/field-selector.ts'
import { labelSelectorFrom, SelectorError } from '../../api/meta/label-selector.ts'
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  ResourceAttributes,
} from '../../api/types/authorization-v1.ts'
import type { FieldSelectorRequirement, LabelSelectorRequirement } from '../../api/types/meta-v1.ts'

type Requirement = FieldSelectorRequirement | LabelSelectorRequirement
type Attributes = FieldSelectorAttributes | LabelSelectorAttributes

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

export function validateSelectors(path: string, { fieldSelector, labelSelector }: ResourceAttributes): FieldError[] {
  return [
    ...validateSelector(`${path}.fieldSelector`, fieldSelector),
    ...validateSelector(`${path}.labelSelector`, labelSelector),
  ]
}

function validateSelector(path: string, attributes: Attributes | undefined): FieldError[] {
  if (attributes === undefined) return []
  const { rawSelector = '', requirements = [] } = attributes
  if (rawSelector !== '' && requirements.length > 0)
    return [invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')]
  if (rawSelector === '' && requirements.length === 0)
    return [required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)]
  return checkEach<Requirement>(`${path}.requirements`, requirements, validateRequirement)
}

function validateRequirement({ key, operator, values = [] }: Requirement, path: string): FieldError[] {
  const errors = key === '' || key === undefined ? [required(`${path}.key`, 'must be specified')] : []
  if (!operators.includes(operator)) return [...errors, notSupported(`${path}.operator`, operator, operators)]
  const wantsValues = operator === 'In' || operator === 'NotIn'
  if (wantsValues && values.length === 0)
    errors.push(required(`${path}.values`, `must be specified when operator is 'In' or 'NotIn'`))
  if (!wantsValues && values.length > 0)
    errors.push(invalid(`${path}.values`, values, `may not be specified when operator is 'Exists' or 'DoesNotExist'`))
  return errors
}

/** Only what a field selector can say takes part: equality. The rest makes the question no narrower. */
export function fieldSelectorText({ rawSelector = '', requirements = [] }: FieldSelectorAttributes = {}): string {
  if (rawSelector !== '') return rawSelector
  const equal = requirements.flatMap(({ key, operator, values = [] }) =>
    operator === 'In' && values.length === 1 ? [[key, values[0] ?? ''] as const] : [],
  )
  return fieldSelectorFromMap(Object.fromEntries(equal)).toString()
}

export function labelSelectorText({ rawSelector = '', requirements = [] }: LabelSelectorAttributes = {}): string {
  if (rawSelector !== '' || requirements.length === 0) return rawSelector
  try {
    return labelSelectorFrom({ matchExpressions: requirements }).toString()
  } catch (error) {
    // What cannot be understood makes the question no narrower.
    if (error instanceof SelectorError) return ''
    throw error
  }
}
