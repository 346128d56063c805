import { pathNotFound, PageNotFoundError, type StatusError } from '../api/errors.ts'
import type { KindRegistry } from './kind-registry.ts'

/** Of a path that nothing stands behind; within a version of the server's own API, `/apis/apps/v1/…`, it is a Status. */
export function nothingAt(kinds: KindRegistry, path: string): StatusError {
  return isOfOwnVersion(kinds, path) ? pathNotFound() : new PageNotFoundError()
}

export function isOfOwnVersion(kinds: KindRegistry, path: string): boolean {
  const [root, ...parts] = path.split('/').filter((part) => part !== '')
  if (root !== 'api' && root !== 'apis') return false
  const [group = '', version = ''] = root === 'api' ? ['', ...parts] : parts
  return kinds
    .all()
    .some((kind) => kind.group === group && kind.version === version && kinds.isBuiltIn(group, kind.plural))
}
