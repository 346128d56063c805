/** The rules of webhooks: which operations on which resources. */
import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf } from '../../meta/field-checks.ts'
import type { RuleWithOperations } from '../../types/admissionregistration-v1.ts'

const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT', '*']
const scopes = ['*', 'Cluster', 'Namespaced']

export function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
  return [
    ...listed(`${path}.operations`, rule.operations, 'operations'),
    ...checkEach(`${path}.operations`, rule.operations, (operation, at) =>
      operations.includes(operation) ? [] : [notSupported(at, operation, operations)],
    ),
    ...listed(`${path}.apiGroups`, rule.apiGroups, 'API groups'),
    ...listed(`${path}.apiVersions`, rule.apiVersions, 'API versions'),
    ...checkEach(`${path}.apiVersions`, rule.apiVersions, (version, at) => (version === '' ? [required(at)] : [])),
    ...validateResources(`${path}.resources`, rule.resources ?? []),
    ...checkOptionalOneOf(`${path}.scope`, rule.scope, scopes),
  ]
}

/** At least one value, and `*` only by itself. */
function listed(path: string, values: readonly string[] | undefined, what: string): FieldError[] {
  if (values === undefined || values.length === 0) return [required(path)]
  if (values.length > 1 && values.includes('*'))
    return [invalid(path, values, `if '*' is present, must not specify other ${what}`)]
  return []
}

/** Nothing that another entry covers already. */
function validateResources(path: string, resources: readonly string[]): FieldError[] {
  if (resources.length === 0) return [required(path)]
  const all = new Set(resources)
  const errors = checkEach(path, resources, (resource, at) => {
    if (resource === '') return [required(at)]
    const [plural = '', part] = resource.split('/')
    if (resource !== '*/*' && all.has('*/*'))
      return [invalid(at, resource, "if '*/*' is present, must not specify other resources")]
    if (part === undefined || part === '*') return []
    if (all.has(`${plural}/*`))
      return [invalid(at, resource, `if '${plural}/*' is present, must not specify ${resource}`)]
    return plural !== '*' && all.has(`*/${part}`)
      ? [invalid(at, resource, `if '*/${part}' is present, must not specify ${resource}`)]
      : []
  })
  const plain = resources.filter((resource) => !resource.includes('/'))
  if (plain.length > 1 && plain.includes('*'))
    errors.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"))
  return errors
}
