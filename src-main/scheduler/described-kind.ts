import type { Kind } from '../api/define-kind.ts'
import { kindByResource } from '../api/kinds/index.ts'
import type { KubernetesObject } from '../api/meta/object.ts'

/** A kind that the schema data describes and that has no file of its own. */
export function describedKind<T extends KubernetesObject>(group: string, plural: string): Kind<T> {
  const found = kindByResource(group, 'v1', plural)
  if (found === undefined) throw new Error(`the schema data knows no ${plural}.${group}`)
  return found as Kind<T>
}
