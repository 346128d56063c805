/** The `scale` subresource: how many replicas are wanted and there, the same for every kind that has it. */
import type { Kind, ScalePaths } from '../../api/define-kind.ts'
import { badRequest, internalError, invalidObject, methodNotAllowed, pathNotFound } from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type { LabelSelector } from '../../api/types/meta-v1.ts'
import { asObject, readBody } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import { updateObject, type View } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { preparedObject } from './get.ts'
import { readPatch } from '../patch/read-patch.ts'
import { writeOptionsOf } from './write-options.ts'

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

export async function handleScale(parts: ServerParts, operation: Operation): Promise<Answer> {
  const paths = operation.kind.subresources.scale
  if (paths === undefined) throw pathNotFound()
  switch (operation.verb) {
    case 'get':
      return plain(currentScale(operation.kind, (await preparedObject(parts, operation)).object, paths))
    case 'update': {
      const body = asObject((await readBody(operation)).data) as Scale
      return changeScale(parts, operation, paths, () => body)
    }
    case 'patch': {
      const patch = await readPatch(operation, scaleKind)
      return changeScale(parts, operation, paths, (current) => patch(current as DynamicObject) as Scale)
    }
    default:
      throw methodNotAllowed()
  }
}

/** A custom object may lack what its scale is about. */
function currentScale({ custom }: Kind, object: DynamicObject, paths: ScalePaths): Scale {
  if (custom !== undefined && valueAt(object, paths.spec) === undefined)
    throw internalError(`the spec replicas field ${JSON.stringify(paths.spec)} does not exist`)
  return scaleOf(object, paths)
}

async function changeScale(
  parts: ServerParts,
  operation: Operation,
  paths: ScalePaths,
  change: (current: Scale) => Scale,
): Promise<Answer> {
  const { dryRun } = writeOptionsOf(operation.request.query)
  const view: View = {
    subresource: 'scale',
    objectKind: scaleKind,
    of: (object) => scaleOf(object, paths) as DynamicObject,
    take: (object, { spec }) => setAt(object, paths.spec, (spec as Scale['spec'])?.replicas ?? 0),
  }
  // Through the main resource: the scale is a view of the object's spec.
  const main: Operation = { ...operation, target: { ...operation.target, subresource: '' } }
  const stored = await updateObject(parts, main, {
    ...{ dryRun, view },
    apply(current) {
      const wanted = change(copyPlain(scaleOf(current, paths)))
      const replicas = wanted.spec?.replicas ?? 0
      checkScale(operation, wanted, replicas)
      const draft = copyPlain(current)
      setAt(draft, paths.spec, replicas)
      const { resourceVersion = '', uid = '' } = wanted.metadata ?? {}
      const { resourceVersion: _own, uid: _uid, ...meta } = draft.metadata ?? {}
      return {
        ...draft,
        metadata: { ...meta, ...(resourceVersion === '' ? {} : { resourceVersion }), ...(uid === '' ? {} : { uid }) },
      }
    },
  })
  return plain(scaleOf(stored.object, paths))
}

function checkScale({ target }: Operation, { metadata }: Scale, replicas: unknown): void {
  const name = metadata?.name ?? ''
  if (name !== '' && name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`)
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0) return
  const problem = invalid('spec.replicas', replicas, 'must be greater than or equal to 0')
  throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, target.name, [problem])
}

export function scaleOf(object: DynamicObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {}
  const selector = paths.selector === undefined ? undefined : selectorText(valueAt(object, paths.selector))
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: copyPlain({ name, namespace, uid, resourceVersion, creationTimestamp }),
    spec: { replicas: numberAt(object, paths.spec) },
    status: { replicas: numberAt(object, paths.status), ...(selector === undefined ? {} : { selector }) },
  }
}

/** A label selector in text form, from a LabelSelector, a plain map of labels, or the text itself. */
function selectorText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return undefined
  if ('matchLabels' in value || 'matchExpressions' in value) return labelSelectorFrom(value as LabelSelector).toString()
  return labelSelectorFrom({ matchLabels: value as Record<string, string> }).toString()
}

const segments = (path: string): string[] => path.split('.').filter((segment) => segment !== '')

function valueAt(object: DynamicObject, path: string): unknown {
  let value: unknown = object
  for (const segment of segments(path)) value = (value as Record<string, unknown> | undefined)?.[segment]
  return value
}

function numberAt(object: DynamicObject, path: string): number {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : 0
}

function setAt(draft: DynamicObject, path: string, value: number): void {
  const names = segments(path)
  const last = names.pop() ?? ''
  let place: Record<string, unknown> = draft
  for (const name of names) {
    place[name] ??= {}
    place = place[name] as Record<string, unknown>
  }
  place[last] = value
}

const plain = (object: object): Answer => ({ type: 'plain', code: 200, object })
