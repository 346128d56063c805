import { badRequest } from '../../api/errors.ts'
import type { Operation } from '../operation.ts'

/** Throws `BadRequest` for an object that says to be in another namespace than that of its URL. */
export function checkNamespace({ kind, target }: Operation, namespace = ''): void {
  if (kind.namespaced && namespace !== '' && namespace !== target.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}
