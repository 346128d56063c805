/** LimitRanges of the namespace: what containers get that say nothing, and what is too little or too much. */
import { forbiddenRequest } from '../../api/errors.ts'
import { limitProblems } from '../../api/limits/limit-problems.ts'
import { fillContainerLimits } from '../../api/limits/container-limits.ts'
import type { LimitRange, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

const resource = 'core/limitranges'

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate(request, context) {
    const { operation, subresource, object } = request
    if (operation !== 'CREATE' || subresource !== '' || !isPod(request)) return
    for (const range of rangesIn(request, context)) fillContainerLimits(object as Pod, range)
  },
  validate(request, context) {
    const { operation, kind, subresource, name, object } = request
    if (operation === 'DELETE' || kind.group !== '') return
    const resized = operation === 'UPDATE' && subresource === 'resize'
    const checked = isPod(request)
      ? resized || (operation === 'CREATE' && subresource === '')
      : kind.plural === 'persistentvolumeclaims' && subresource === ''
    if (!checked) return
    for (const range of rangesIn(request, context)) {
      const problems = limitProblems(range, kind.plural, object as Pod | PersistentVolumeClaim)
      const [first = ''] = problems
      if (problems.length > 0)
        throw forbiddenRequest(kind, name, problems.length === 1 ? first : `[${problems.join(', ')}]`)
    }
  },
}

const isPod = ({ kind }: AdmissionRequest): boolean => kind.group === '' && kind.plural === 'pods'

function rangesIn({ namespace }: AdmissionRequest, { cache }: AdmissionContext): LimitRange[] {
  const ranges = cache.resource(resource)
  return ranges.size === 0 ? [] : ranges.list({ namespace }).map(({ object }) => object as LimitRange)
}
