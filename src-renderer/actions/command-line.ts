import type { Kind } from '../../src-main/api/define-kind.ts'
import { pathOf } from '../../src-main/client/paths.ts'

export interface CommandTarget {
  readonly namespace?: string | undefined
  readonly name?: string
}

/** A word as a POSIX shell reads it back unchanged. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A kubectl line; the namespace comes first, as people write it. */
export function kubectl({ namespace }: CommandTarget, ...words: readonly string[]): string {
  return ['kubectl', ...(namespace === undefined || namespace === '' ? [] : ['-n', namespace]), ...words]
    .map(shellWord)
    .join(' ')
}

/** `DELETE /api/v1/namespaces/default/pods/web`, and the body behind it. */
export function httpRequest(
  method: string,
  kind: Kind,
  { namespace, name }: CommandTarget,
  more: { readonly subresource?: string; readonly query?: string; readonly body?: unknown } = {},
): string {
  const path = pathOf(kind, {
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(more.subresource === undefined ? {} : { subresource: more.subresource }),
  })
  const line = `${method} ${path}${more.query === undefined ? '' : `?${more.query}`}`
  return more.body === undefined ? line : `${line}\n\n${JSON.stringify(more.body)}`
}
