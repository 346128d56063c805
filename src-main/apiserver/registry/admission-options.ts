/** The options of a request as admission shows them: CreateOptions, UpdateOptions, PatchOptions, DeleteOptions. */
import type { Operation } from '../operation.ts'
import { isTrue } from '../filters/request-info.ts'

type Options = Record<string, unknown>

/** Of a write, from its query. */
export function writeOptionsObject({ request, verb }: Operation): Options {
  const { query } = request
  const kind = verb === 'create' ? 'CreateOptions' : verb === 'patch' ? 'PatchOptions' : 'UpdateOptions'
  const force = query.get('force')
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...texts(query, ['fieldManager', 'fieldValidation']),
    ...(query.has('dryRun') ? { dryRun: query.getAll('dryRun') } : {}),
    ...(verb === 'patch' && force !== null ? { force: isTrue(force) } : {}),
  }
}

export interface DeletionWishes {
  readonly graceSeconds: number | undefined
  readonly propagation: string | undefined
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun: boolean
}

export function deleteOptionsObject({ graceSeconds, propagation, preconditions, dryRun }: DeletionWishes): Options {
  return {
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/v1',
    ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  }
}

function texts(query: URLSearchParams, names: readonly string[]): Options {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = query.get(name) ?? ''
      return value === '' ? [] : [[name, value]]
    }),
  )
}
