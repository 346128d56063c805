import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { repeats } from '../../meta/repeats.ts'
import { validateLabels } from '../../meta/validate-labels.ts'
import type { RuntimeClass } from '../../types/node-v1.ts'
import { nodeLabelWarning } from '../../warnings/node-labels.ts'
import { validateResources } from '../core/pod-spec/resources.ts'
import { validateTolerations } from '../core/pod-spec/tolerations.ts'

const asClass = (object: DynamicObject): RuntimeClass => object as unknown as RuntimeClass

/** A handler that the nodes know by its name, for good; what it costs and where it runs. */
export const runtimeClassRules = {
  updatesNeedVersion: true,
  validate(object: DynamicObject): FieldError[] {
    const { handler = '', overhead, scheduling } = asClass(object)
    const { tolerations = [] } = scheduling ?? {}
    const isRepeat = repeats()
    const twice = tolerations.filter((one) => isRepeat(JSON.stringify(one)))
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
  warn: (object: DynamicObject): string[] =>
    Object.keys(asClass(object).scheduling?.nodeSelector ?? {}).flatMap((label) => {
      const text = nodeLabelWarning(label)
      return text === undefined ? [] : [`scheduling.nodeSelector: ${text}`]
    }),
}
