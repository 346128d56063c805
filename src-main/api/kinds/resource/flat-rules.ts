/** The rules of v1 for objects of the first beta version: errors stand at the paths of v1, as in Kubernetes. */
import type { DynamicObject } from '../../meta/object.ts'
import type { PlainRules } from '../plain-rules.ts'
import type { FlatForm } from './flat-form.ts'

export function flatRules(rules: PlainRules, { toV1, fromV1 }: FlatForm): PlainRules {
  const { defaults, validate, validateNew, validateUpdate, validateStatus, prepareCreate, prepareUpdate, warn } = rules
  /** Changes the draft as the rules of v1 change it. */
  const change = (draft: DynamicObject, act: (nested: DynamicObject) => void): void => {
    const nested = toV1(draft)
    act(nested)
    const { spec, status } = fromV1(nested)
    if (spec !== undefined) draft.spec = spec
    if (status !== undefined) draft.status = status
  }
  return {
    ...rules,
    ...(defaults === undefined ? {} : { defaults: (draft) => change(draft, defaults) }),
    ...(validate === undefined ? {} : { validate: (object) => validate(toV1(object)) }),
    ...(validateNew === undefined ? {} : { validateNew: (object) => validateNew(toV1(object)) }),
    ...(validateUpdate === undefined
      ? {}
      : {
          validateUpdate: (object, previous, subresource) => validateUpdate(toV1(object), toV1(previous), subresource),
        }),
    ...(validateStatus === undefined
      ? {}
      : { validateStatus: (object, previous) => validateStatus(toV1(object), toV1(previous)) }),
    ...(prepareCreate === undefined ? {} : { prepareCreate: (draft) => change(draft, prepareCreate) }),
    ...(prepareUpdate === undefined
      ? {}
      : { prepareUpdate: (draft, previous) => change(draft, (nested) => prepareUpdate(nested, toV1(previous))) }),
    ...(warn === undefined
      ? {}
      : { warn: (object, previous) => warn(toV1(object), previous === undefined ? undefined : toV1(previous)) }),
  }
}
