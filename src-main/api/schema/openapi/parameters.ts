import type { JsonSchema, Parameter } from './document.ts'

const text: JsonSchema = { type: 'string', uniqueItems: true }
const integer: JsonSchema = { type: 'integer', uniqueItems: true }
const boolean: JsonSchema = { type: 'boolean', uniqueItems: true }

const queries = (schema: JsonSchema, ...names: string[]): Parameter[] =>
  names.map((name) => ({ name, in: 'query', schema }))

export const pathParameter = (name: string): Parameter => ({ name, in: 'path', required: true, schema: text })

/** Of every operation. */
export const commonParameters: readonly Parameter[] = queries(text, 'pretty')

const write = queries(text, 'dryRun', 'fieldManager', 'fieldValidation')
const deleteOne = [
  ...queries(text, 'dryRun'),
  ...queries(integer, 'gracePeriodSeconds'),
  ...queries(boolean, 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents'),
  ...queries(text, 'propagationPolicy'),
]
const list = [
  ...queries(boolean, 'allowWatchBookmarks'),
  ...queries(text, 'continue', 'fieldSelector', 'labelSelector'),
  ...queries(integer, 'limit'),
  ...queries(text, 'resourceVersion', 'resourceVersionMatch'),
  ...queries(boolean, 'sendInitialEvents'),
  ...queries(integer, 'timeoutSeconds'),
  ...queries(boolean, 'watch'),
]

export type Action = 'get' | 'list' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection' | 'connect'

/** What each kind of operation reads from its query. Clients look for `fieldValidation` before they use it. */
export const parametersOf: Readonly<Record<Action, readonly Parameter[]>> = {
  get: [],
  list,
  post: write,
  put: write,
  patch: [...write, ...queries(boolean, 'force')],
  delete: deleteOne,
  deletecollection: [...list.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks'), ...deleteOne],
  connect: [],
}

export const logParameters: readonly Parameter[] = [
  ...queries(text, 'container'),
  ...queries(boolean, 'follow', 'insecureSkipTLSVerifyBackend'),
  ...queries(integer, 'limitBytes'),
  ...queries(boolean, 'previous'),
  ...queries(integer, 'sinceSeconds'),
  ...queries(text, 'sinceTime', 'stream'),
  ...queries(integer, 'tailLines'),
  ...queries(boolean, 'timestamps'),
]
