import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateLabels } from '../../meta/validate-labels.ts'
import type { RuntimeClass } from '../../types/node-v1.ts'
import { validateResources } from '../core/pod-spec/resources.ts'
import { validateTolerations } from '../core/pod-spec/tolerations.ts'

const asClass = (object: DynamicObject): RuntimeClass => object as unknown as RuntimeClass

/** A handler that the nodes know by its name, for good; what it costs and where it runs. */
export const runtimeClassRules = {
  validate(object: DynamicObject): FieldError[] {
    const { handler = '', overhead, scheduling } = asClass(object)
    const { tolerations = [] } = scheduling ?? {}
    const twice = tolerations.filter((one, index) =>
      tolerations.slice(0, index).some((other) => JSON.stringify(other) === JSON.stringify(one)),
    )
    return [
      ...(handler === '' ? [required('handler')] : problemsAt('handler', handler, dnsLabelProblems(handler))),
      ...validateResources({ limits: { ...overhead?.podFixed } }, 'overhead.podFixed'),
      ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
      ...validateTolerations(tolerations, 'scheduling.tolerations'),
      ...twice.map((one) => invalid('scheduling.tolerations', one, 'tolerations must be unique')),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    checkUnchanged('handler', asClass(object).handler, asClass(previous).handler),
}
