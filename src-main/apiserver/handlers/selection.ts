/** Which objects a collection request is about: its namespace and its selectors. */
import { badRequest } from '../../api/errors.ts'
import type { Kind } from '../../api/define-kind.ts'
import { parseFieldSelector, type FieldSelector } from '../../api/meta/field-selector.ts'
import { parseLabelSelector, SelectorError, type Selector } from '../../api/meta/label-selector.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Selection } from '../cache/selection.ts'
import { indexedFields } from '../cache/indexed-fields.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { resourceKey } from '../registry/keys.ts'
import { convert } from '../registry/versions.ts'

/** Throws `BadRequest` for a selector that cannot be understood or a field that cannot be selected by. */
export function selectionOf({ shared }: ServerParts, { kind, target, request }: Operation): Selection {
  const labels = parsed(request.query.get('labelSelector'), parseLabelSelector)
  const fields = parsed(request.query.get('fieldSelector'), parseFieldSelector)
  const equal = new Map<string, string>()
  for (const { path, operator, value } of fields?.requirements ?? []) {
    checkSelectable(kind, path)
    if (operator === '=') equal.set(path, value)
  }
  const namespace = target.namespace === '' ? equal.get('metadata.namespace') : target.namespace
  const name = equal.get('metadata.name')
  const later = kind.custom?.conversion !== undefined && fields !== undefined
  const matches = matcher(kind, labels, later ? undefined : fields, shared.includes(kind))
  const field = Object.keys(indexedFields[resourceKey(kind)] ?? {}).find((path) => equal.has(path))
  return {
    ...(namespace === undefined || !kind.namespaced ? {} : { namespace }),
    ...(name === undefined ? {} : { name, ...(kind.namespaced ? {} : { namespace: '' }) }),
    ...(field === undefined ? {} : { indexed: { field, value: equal.get(field) ?? '' } }),
    ...(matches === undefined ? {} : { matches }),
    ...(later ? { matchesView: (view: DynamicObject) => fieldsMatch(kind, view, fields) } : {}),
  }
}

/** Whether the request selects at all, beside by namespace. */
export function hasSelectors(query: URLSearchParams): boolean {
  return (query.get('labelSelector') ?? '') !== '' || (query.get('fieldSelector') ?? '') !== ''
}

function parsed<T>(text: string | null, parse: (text: string) => T): T | undefined {
  if (text === null || text === '') return undefined
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

function checkSelectable(kind: Kind, path: string): void {
  if (path === 'metadata.name' || (path === 'metadata.namespace' && kind.namespaced)) return
  if (!Object.hasOwn(kind.selectableFields ?? {}, path))
    throw badRequest(`Unable to find ${JSON.stringify(kind.apiVersion)} field label not supported: ${path}`)
}

function matcher(
  kind: Kind,
  labels: Selector | undefined,
  fields: FieldSelector | undefined,
  converts: boolean,
): ((object: DynamicObject) => boolean) | undefined {
  const byLabels = labels === undefined ? undefined : (object: DynamicObject) => labels.matches(object.metadata?.labels)
  const byFields =
    fields === undefined
      ? undefined
      : (object: DynamicObject) => fieldsMatch(kind, converts ? convert(object, kind) : object, fields)
  if (byLabels === undefined || byFields === undefined) return byLabels ?? byFields
  return (object) => byLabels(object) && byFields(object)
}

function fieldsMatch(kind: Kind, object: DynamicObject, fields: FieldSelector): boolean {
  return fields.matches((path) => fieldValue(kind, object, path))
}

function fieldValue(kind: Kind, object: DynamicObject, path: string): string | undefined {
  if (path === 'metadata.name') return object.metadata?.name
  if (path === 'metadata.namespace') return object.metadata?.namespace
  return kind.selectableFields?.[path]?.(object)
}
