/** Whether a container that has ended comes back, and by which of its exit codes (KEP-5307, KEP-5532). */
import { required, tooMany, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOneOf, checkOptionalOneOf } from '../../../meta/field-checks.ts'
import type { Container } from '../../../types/core-v1.ts'

const mostRules = 20
const mostValues = 255

const limited = (path: string, count: number, most: number): FieldError[] =>
  count > most ? [tooMany(path, count, most)] : []

/** Rules go before a policy of the container's own; that of the pod is not enough. */
export function validateRestarts({ restartPolicy, restartPolicyRules = [] }: Container, path: string): FieldError[] {
  const at = `${path}.restartPolicyRules`
  const missing = restartPolicy === undefined && restartPolicyRules.length > 0
  return [
    ...checkOptionalOneOf(`${path}.restartPolicy`, restartPolicy, ['Always', 'Never', 'OnFailure']),
    ...(missing ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')] : []),
    ...limited(at, restartPolicyRules.length, mostRules),
    ...checkEach(at, restartPolicyRules, ({ action, exitCodes }, one) => [
      ...checkOneOf(`${one}.action`, action, ['Restart', 'RestartAllContainers']),
      ...(exitCodes === undefined
        ? [required(`${one}.exitCodes`, 'must be specified')]
        : [
            ...checkOneOf(`${one}.exitCodes.operator`, exitCodes.operator, ['In', 'NotIn']),
            ...limited(`${one}.exitCodes.values`, (exitCodes.values ?? []).length, mostValues),
          ]),
    ]),
  ]
}
