/** Turns a pod's priority class into its number; of the classes only one may be for all who name none. */
import { forbiddenRequest } from '../../api/errors.ts'
import type { Pod, PodSpec } from '../../api/types/core-v1.ts'
import type { PriorityClass } from '../../api/types/scheduling-v1.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

type Settings = Pick<PriorityClass, 'value' | 'preemptionPolicy'> & { readonly name: string }

export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(request, { cache }) {
    const { operation, kind, subresource, object, previous } = request
    if (kind.group !== '' || kind.kind !== 'Pod' || subresource !== '') return
    const { spec } = object as Pod
    if (spec === undefined) return
    if (operation === 'CREATE') prioritize(request, spec, cache)
    else if (operation === 'UPDATE') keepPriority(spec, (previous as Pod | undefined)?.spec)
  },
  validate({ operation, kind, name, object }, { cache }) {
    if (operation === 'DELETE' || kind.group !== 'scheduling.k8s.io' || kind.plural !== 'priorityclasses') return
    if (object.globalDefault !== true) return
    const other = defaultClasses(cache).find(({ metadata }) => metadata?.name !== name)
    if (other === undefined) return
    const words = `PriorityClass ${other.metadata?.name} is already marked as default. Only one default can exist`
    throw forbiddenRequest(kind, name, words)
  },
}

function prioritize({ kind, name }: AdmissionRequest, spec: PodSpec, cache: WatchCache): void {
  const wanted = spec.priorityClassName ?? ''
  const settings = wanted === '' ? globalDefault(cache) : classNamed(cache, wanted)
  if (settings === undefined) throw forbiddenRequest(kind, name, `no PriorityClass with name ${wanted} was found`)
  const policy = settings.preemptionPolicy ?? 'PreemptLowerPriority'
  if (spec.priority !== undefined && spec.priority !== settings.value)
    throw forbiddenRequest(
      kind,
      name,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${settings.value} from the given PriorityClass name`,
    )
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw forbiddenRequest(
      kind,
      name,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    )
  spec.priority = settings.value
  if (settings.name !== '') spec.priorityClassName = settings.name
  spec.preemptionPolicy = policy
}

/** A client that does not know what was computed leaves it out. */
function keepPriority(spec: PodSpec, before: PodSpec | undefined): void {
  if (spec.priority === undefined && before?.priority !== undefined) spec.priority = before.priority
  if (spec.preemptionPolicy === undefined && before?.preemptionPolicy !== undefined)
    spec.preemptionPolicy = before.preemptionPolicy
}

function classNamed(cache: WatchCache, name: string): Settings | undefined {
  const stored = cache.resource('scheduling.k8s.io/priorityclasses').get(name)
  return stored === undefined ? undefined : { ...(stored.object as unknown as PriorityClass), name }
}

/** The lowest of the classes that call themselves the default; none: priority 0 and no class. */
function globalDefault(cache: WatchCache): Settings {
  const [lowest] = defaultClasses(cache).sort((left, right) => (left.value ?? 0) - (right.value ?? 0))
  return lowest === undefined ? { name: '', value: 0 } : { ...lowest, name: lowest.metadata?.name ?? '' }
}

const defaultClasses = (cache: WatchCache): PriorityClass[] =>
  cache
    .resource('scheduling.k8s.io/priorityclasses')
    .list({})
    .map(({ object }) => object as unknown as PriorityClass)
    .filter(({ globalDefault: isDefault }) => isDefault === true)
