import { namesWhere, plural, quoted, setters, type PodCheck } from './check.ts'

interface Options {
  readonly type?: string
  readonly user?: string
  readonly role?: string
}

const allowedTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t']
const allowedSince31 = [...allowedTypes, 'container_engine_t']

/** SELinux labels may be chosen among those of containers only. */
export const seLinuxOptions: PodCheck = {
  id: 'seLinuxOptions',
  since: 0,
  check(pod, minor) {
    const allowed = minor >= 31 ? allowedSince31 : allowedTypes
    const types = new Set<string>()
    const fields = new Set<string>()
    const breaks = ({ type = '', user = '', role = '' }: Options = {}): boolean => {
      if (!allowed.includes(type)) types.add(type)
      if (user !== '') fields.add('user')
      if (role !== '') fields.add('role')
      return !allowed.includes(type) || user !== '' || role !== ''
    }
    const who = setters(
      breaks(pod.spec.securityContext?.seLinuxOptions),
      namesWhere(pod, ({ securityContext }) => breaks(securityContext?.seLinuxOptions)),
    )
    if (who === '') return undefined
    const what = [
      ...(types.size > 0 ? [`${plural(types.size, 'type')} ${quoted([...types].toSorted())}`] : []),
      ...['user', 'role'].filter((field) => fields.has(field)).map((field) => `${field} may not be set`),
    ]
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    }
  },
}
