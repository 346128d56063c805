/** Turns a pod's priority class into its number. */
import { forbiddenRequest } from '../../api/errors.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PriorityClass } from '../../api/types/scheduling-v1.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'

type Settings = Pick<PriorityClass, 'value' | 'preemptionPolicy'> & { readonly name: string }

export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate({ operation, kind, subresource, object, name }, { cache }) {
    if (operation !== 'CREATE' || kind.group !== '' || kind.kind !== 'Pod' || subresource !== '') return
    const { spec } = object as Pod
    if (spec === undefined) return
    const wanted = spec.priorityClassName ?? ''
    const settings = wanted === '' ? globalDefault(cache) : classNamed(cache, wanted)
    if (settings === undefined) throw forbiddenRequest(kind, name, `no PriorityClass with name ${wanted} was found`)
    if (spec.priority !== undefined && spec.priority !== settings.value)
      throw forbiddenRequest(
        kind,
        name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${settings.value} from the given PriorityClass name`,
      )
    spec.priority = settings.value
    if (settings.name !== '') spec.priorityClassName = settings.name
    spec.preemptionPolicy ??= settings.preemptionPolicy ?? 'PreemptLowerPriority'
  },
}

function classNamed(cache: WatchCache, name: string): Settings | undefined {
  const stored = cache.resource('scheduling.k8s.io/priorityclasses').get(name)
  return stored === undefined ? undefined : { ...(stored.object as unknown as PriorityClass), name }
}

/** The lowest of the classes that call themselves the default; none: priority 0 and no class. */
function globalDefault(cache: WatchCache): Settings {
  const classes = cache
    .resource('scheduling.k8s.io/priorityclasses')
    .list({})
    .map(({ object }) => object as unknown as PriorityClass)
    .filter(({ globalDefault: isDefault }) => isDefault === true)
    .sort((left, right) => (left.value ?? 0) - (right.value ?? 0))
  const [lowest] = classes
  return lowest === undefined ? { name: '', value: 0 } : { ...lowest, name: lowest.metadata?.name ?? '' }
}
