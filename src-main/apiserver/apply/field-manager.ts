import type { Operation } from '../operation.ts'

/** The name under which a writer owns fields: what it calls itself, or its program, or its user. */
export function fieldManagerOf({ request, user }: Pick<Operation, 'request' | 'user'>): string {
  const given = request.query.get('fieldManager') ?? ''
  if (given !== '') return given
  const program = (request.headers['user-agent'] ?? '').split('/')[0]?.trim() ?? ''
  return (program === '' ? user.name : program).slice(0, 128)
}
