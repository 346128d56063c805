/** Which objects a collection request is about: its namespace and its selectors. */
import { badRequest } from '../../api/errors.ts'
import type { Kind } from '../../api/define-kind.ts'
import { parseFieldSelector, type FieldSelector } from '../../api/meta/field-selector.ts'
import { parseLabelSelector, SelectorError, type Selector } from '../../api/meta/label-selector.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Selection, Term } from '../cache/selection.ts'
import type { FieldReaders } from '../cache/watcher-index.ts'
import { indexedFields } from '../cache/indexed-fields.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { resourceKey } from '../registry/keys.ts'
import { convert } from '../registry/versions.ts'

/** Throws `BadRequest` for a selector that cannot be understood or a field that cannot be selected by. */
export function selectionOf({ shared }: ServerParts, { kind, target, request }: Operation): Selection {
  const labels = parsed(request.query.get('labelSelector'), parseLabelSelector)
  const fields = parsed(request.query.get('fieldSelector'), parseFieldSelector)
  for (const { path } of fields?.requirements ?? []) checkSelectable(kind, path)
  const equal = new Map(
    (fields?.requirements ?? []).flatMap(({ path, operator, value }) => (operator === '=' ? [[path, value]] : [])),
  )
  const namespace = target.namespace === '' ? equal.get('metadata.namespace') : target.namespace
  const name = equal.get('metadata.name')
  const later = kind.custom?.conversion !== undefined && fields !== undefined
  const matches = matcher(kind, labels, later ? undefined : fields, shared.includes(kind))
  const readers = indexedFields[resourceKey(kind)] ?? {}
  const field = Object.keys(readers).find((path) => equal.has(path))
  const place: Readonly<Record<string, string | undefined>> = {
    'metadata.namespace': namespace,
    'metadata.name': name,
  }
  const terms = [...labelTerms(labels), ...fieldTerms(fields, readers)]
  const told = (fields?.requirements ?? []).filter(
    ({ path, operator, value }) => operator === '=' && (Object.hasOwn(readers, path) || place[path] === value),
  )
  const isExact =
    told.length === (fields?.requirements.length ?? 0) &&
    (labels === undefined || labelTerms(labels).length === labels.requirements.length) &&
    // Terms are looked up only where no name says which object it is.
    (name === undefined || terms.length === 0)
  return {
    ...(namespace === undefined || !kind.namespaced ? {} : { namespace }),
    ...(name === undefined ? {} : { name, ...(kind.namespaced ? {} : { namespace: '' }) }),
    ...(field === undefined ? {} : { indexed: { field, value: equal.get(field) ?? '' } }),
    ...(matches === undefined ? {} : { matches, terms, exact: isExact }),
    ...(later ? { matchesView: (view: DynamicObject) => fieldsMatch(kind, view, fields) } : {}),
  }
}

const positive: ReadonlySet<string> = new Set(['=', '==', 'in'])

function labelTerms(labels: Selector | undefined): Term[] {
  return (labels?.requirements ?? [])
    .filter(({ operator }) => positive.has(operator))
    .map(({ key, values }) => ({ type: 'label', name: key, values: [...new Set(values)] }))
}

function fieldTerms(fields: FieldSelector | undefined, readers: FieldReaders): Term[] {
  return (fields?.requirements ?? [])
    .filter(({ path, operator }) => operator === '=' && Object.hasOwn(readers, path))
    .map(({ path, value }) => ({ type: 'field', name: path, values: [value] }))
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
  if (!Object.hasOwn(kind.selectableFields ?? {}, path)) throw badRequest(unsupportedField(kind, path))
}

/** Each group has words of its own, and kinds with no fields of their own have those of all kinds. */
function unsupportedField(kind: Kind, path: string): string {
  if (kind.custom === undefined && kind.selectableFields === undefined)
    return `${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`
  if (kind.group === 'batch') return `field label ${JSON.stringify(path)} not supported for ${kind.kind}`
  if (kind.group === 'resource.k8s.io')
    return `field label not supported for ${kind.apiVersion}, Kind=${kind.kind}: ${path}`
  return `field label not supported: ${path}`
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
