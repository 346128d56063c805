import { invalid, required, type FieldError } from '../../field-error.ts'
import { dns1035LabelProblems } from '../../meta/names.ts'
import type { CustomResourceDefinitionNames } from '../../types/apiextensions-v1.ts'

/** A group of names that Kubernetes joins: one error however much is wrong. */
export function checkJoined(path: string, value: string, problems: readonly string[], start = ''): FieldError[] {
  return problems.length === 0 ? [] : [invalid(path, value, `${start}${problems.join(',')}`)]
}

const label = (path: string, value: string): FieldError[] => checkJoined(path, value, dns1035LabelProblems(value))
const mixed = (path: string, value: string): FieldError[] =>
  checkJoined(
    path,
    value,
    dns1035LabelProblems(value.toLowerCase()),
    'may have mixed case, but should otherwise match: ',
  )

/** Names that a definition must have; those that were accepted may be missing. */
export const requireNames = (names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] =>
  (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((name) => (names[name] ?? '') === '')
    .map((name) => required(`${path}.${name}`))

export function validateNames(names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names
  return [
    ...(plural === '' ? [] : label(`${path}.plural`, plural)),
    ...(singular === '' ? [] : label(`${path}.singular`, singular)),
    ...(kind === '' ? [] : mixed(`${path}.kind`, kind)),
    ...(listKind === '' ? [] : mixed(`${path}.listKind`, listKind)),
    ...shortNames.flatMap((name, index) => label(`${path}.shortNames[${index}]`, name)),
    ...(kind !== '' && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...categories.flatMap((name, index) => label(`${path}.categories[${index}]`, name)),
  ]
}
