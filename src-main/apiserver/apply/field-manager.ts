import type { Operation } from '../operation.ts'

/** The name under which a writer owns fields: what it calls itself, or its program, or what its user is. */
export function fieldManagerOf({ request, user }: Pick<Operation, 'request' | 'user'>): string {
  const given = request.query.get('fieldManager') ?? ''
  if (given !== '') return given
  const program = (request.headers['user-agent'] ?? '').split('/')[0]?.trim() ?? ''
  return (program === '' ? programOf(user.name) : program).slice(0, 128)
}

/** The parts of this program send no User-Agent; their users are named for them. */
function programOf(user: string): string {
  if (user.startsWith('system:node:')) return 'kubelet'
  if (user.startsWith('system:serviceaccount:kube-system:')) return 'kube-controller-manager'
  if (user === 'system:apiserver') return 'kube-apiserver'
  return user.startsWith('system:') ? user.slice('system:'.length) : user
}
