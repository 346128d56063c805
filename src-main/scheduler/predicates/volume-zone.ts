import { fits, unresolvable, type Predicate } from '../framework.ts'
import { claimNamesOf, claimsOf, isRefused, usesClaims } from '../volumes/pod-claims.ts'

const refusal = unresolvable('node(s) had no available volume zone')

const zoneLabels = [
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]
/** A volume in several zones names them with this between. */
const between = '__'

/** A volume that is bound to a zone or region by its labels keeps its pods there. */
export const volumeZone: Predicate = {
  name: 'VolumeZone',
  prepare(pod, { storage }) {
    if (!usesClaims(pod)) return undefined
    const claims = claimsOf(pod, storage)
    if (isRefused(claims)) return undefined
    const own = new Set(claimNamesOf(pod).flatMap(({ name, ephemeral }) => (ephemeral ? [] : [name])))
    const named = claims.filter(({ metadata }) => own.has(metadata.name))
    const isMissing = (name: string): boolean => name !== '' && storage.volume(name) === undefined
    const missing = named.map(({ spec }) => spec?.volumeName ?? '').find(isMissing)
    if (missing !== undefined) return unresolvable(`persistentvolume ${JSON.stringify(missing)} not found`)
    const wanted = named.flatMap(({ spec }) => {
      const labels = storage.volume(spec?.volumeName ?? '')?.metadata.labels ?? {}
      return zoneLabels.flatMap((key) => {
        const value = labels[key]
        return value === undefined ? [] : [{ key, values: new Set(value.split(between)) }]
      })
    })
    if (wanted.length === 0) return undefined
    return {
      check({ node }) {
        const labels = node.metadata.labels ?? {}
        if (!zoneLabels.some((key) => labels[key] !== undefined)) return fits
        const isThere = wanted.every(({ key, values }) => {
          const value = labels[key] ?? labels[key.replace('failure-domain.beta', 'topology')]
          return value !== undefined && values.has(value)
        })
        return isThere ? fits : refusal
      },
    }
  },
  mayHelp: ({ type }) => type === 'storageChanged' || type === 'nodeAdded' || type === 'nodeUpdated',
}
