/** The `scale` subresource: how many replicas are wanted and there, the same for every kind that has it. */
import type { Kind, ScalePaths } from '../../api/define-kind.ts'
import { badRequest, internalError, invalidObject, methodNotAllowed, pathNotFound } from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { scale } from '../../api/kinds/autoscaling/scale.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type { LabelSelector, ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import { schemaOf } from '../../api/schema/schema.ts'
import { timestamp } from '../../lib/clock.ts'
import { managersAfterScale, managersOfScale } from '../apply/scale-managers.ts'
import { applyConfiguration } from '../apply/server-side-apply.ts'
import { contentTypeOf, readObject } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import { checkPatched } from '../registry/schema-steps.ts'
import { updateObject, type View } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { preparedObject } from './get.ts'
import { applicationOf, readApplied } from './apply.ts'
import { applyPatch, readPatch } from '../patch/read-patch.ts'
import { checkPlace } from './update.ts'
import { writeOptionsOf } from './write-options.ts'

export async function handleScale(parts: ServerParts, operation: Operation): Promise<Answer> {
  const paths = operation.kind.subresources.scale
  if (paths === undefined) throw pathNotFound()
  switch (operation.verb) {
    case 'get':
      return answerOf(currentScale(operation.kind, (await preparedObject(parts, operation)).object, paths))
    case 'update': {
      const body = await readObject(operation, scaleKind, writeOptionsOf(operation).validation)
      checkPlace(operation, body)
      return changeScale(parts, operation, paths, { change: () => body as Scale })
    }
    case 'patch':
      return contentTypeOf(operation) === applyPatch
        ? applyScale(parts, operation, paths)
        : patchScale(parts, operation, paths)
    default:
      throw methodNotAllowed()
  }
}

const scaleType = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
const scaleKind = { ...scaleType, apiVersion: 'autoscaling/v1' }

async function patchScale(parts: ServerParts, operation: Operation, paths: ScalePaths): Promise<Answer> {
  const { validation } = writeOptionsOf(operation)
  const patch = await readPatch(operation, scaleKind)
  const warn = (text: string): void => operation.warn(text)
  return changeScale(parts, operation, paths, {
    change: (current) =>
      checkPatched(scaleKind, patch.apply(current as DynamicObject), validation, warn, patch.words) as Scale,
  })
}

/** The managers of the replicas are those of the scaled object, as its Scale shows them. */
async function applyScale(parts: ServerParts, operation: Operation, paths: ScalePaths): Promise<Answer> {
  const { validation } = writeOptionsOf(operation, true)
  const schema = schemaOf(scaleKind)
  if (schema === undefined) throw internalError('there is no schema of a Scale')
  const applied = await readApplied(operation, { ...scaleKind, schema, validation })
  const application = applicationOf(operation, timestamp(parts.clock.now()))
  return changeScale(parts, operation, paths, {
    applied: true,
    change: (current, entries) => {
      const metadata = { ...current.metadata, managedFields: managersOfScale(entries, paths.spec) }
      return applyConfiguration({ ...current, metadata }, applied, schema, application) as Scale
    },
  })
}

/** A custom object may lack what its scale is about. */
function currentScale({ custom }: Kind, object: DynamicObject, paths: ScalePaths): Scale {
  if (custom !== undefined && valueAt(object, paths.spec) === undefined)
    throw internalError(`the spec replicas field ${JSON.stringify(paths.spec)} does not exist`)
  return scaleOf(object, paths)
}

interface ScaleChange {
  change(current: Scale, entries: readonly ManagedFieldsEntry[]): Scale
  /** The new Scale says itself who owns its replicas. */
  readonly applied?: true
}

async function changeScale(
  parts: ServerParts,
  operation: Operation,
  paths: ScalePaths,
  { change, applied }: ScaleChange,
): Promise<Answer> {
  const { dryRun } = writeOptionsOf(operation, applied)
  const view: View = {
    subresource: 'scale',
    objectKind: scaleType,
    of: (object) => scaleOf(object, paths) as DynamicObject,
    take: (object, { spec }) => setAt(object, paths.spec, (spec as Scale['spec'])?.replicas ?? 0),
  }
  // Through the main resource: the scale is a view of the object's spec.
  const main: Operation = { ...operation, target: { ...operation.target, subresource: '' } }
  const { apiVersion } = operation.kind
  const stored = await updateObject(parts, main, {
    ...{ dryRun, view },
    ...(applied === undefined ? {} : { applied }),
    apply(current) {
      const entries = current.metadata?.managedFields ?? []
      const wanted = change(copyPlain(scaleOf(current, paths)), entries)
      const replicas = wanted.spec?.replicas ?? 0
      checkScale(operation, wanted, replicas)
      const draft = copyPlain(current)
      setAt(draft, paths.spec, replicas)
      const { resourceVersion = '', uid = '', managedFields = [] } = wanted.metadata ?? {}
      const { resourceVersion: _own, uid: _uid, ...meta } = draft.metadata ?? {}
      const managers = applied && managersAfterScale(entries, managedFields, { path: paths.spec, apiVersion })
      return {
        ...draft,
        metadata: {
          ...meta,
          ...(managers === undefined ? {} : { managedFields: copyPlain([...managers]) }),
          ...(resourceVersion === '' ? {} : { resourceVersion }),
          ...(uid === '' ? {} : { uid }),
        },
      }
    },
  })
  return answerOf(scaleOf(stored.object, paths))
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

/** As of a stored object, so that a client may have it as a table. */
function answerOf(shown: Scale): Answer {
  const object = shown as DynamicObject
  const revision = Number(object.metadata?.resourceVersion)
  const bytes = (): Uint8Array => Buffer.from(JSON.stringify(object))
  return { type: 'object', code: 200, kind: scale, stored: { object, revision, bytes } }
}
