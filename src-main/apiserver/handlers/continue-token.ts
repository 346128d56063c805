/** Where the next page of a list begins, as the client carries it. */
import { badRequest } from '../../api/errors.ts'

export interface ListPosition {
  /** The revision whose state the pages show; negative: whatever is newest. */
  readonly revision: number
  /** The key of the last object that the client has. */
  readonly after: string
}

const version = 'meta.k8s.io/v1'

export function encodeContinue({ revision, after }: ListPosition): string {
  return Buffer.from(JSON.stringify({ v: version, rv: revision, start: after })).toString('base64url')
}

/** Throws `BadRequest` for what no server has given out. */
export function decodeContinue(token: string): ListPosition {
  const fields = parse(token)
  const { v, rv, start } = fields ?? {}
  if (v !== version || typeof rv !== 'number' || !Number.isSafeInteger(rv) || typeof start !== 'string' || start === '')
    throw badRequest('invalid continue token: continue key is not valid: it was not given out by this server')
  return { revision: rv, after: start }
}

function parse(token: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : undefined
  } catch {
    // Damaged text is no token; the caller says so.
    return undefined
  }
}
