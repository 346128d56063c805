/** Volumes of kinds that have gone out of use, and files that would lie over each other. */
import type { KeyToPath, Volume, VolumeProjection } from '../types/core-v1.ts'
import { claimSpecWarnings } from './claim-warnings.ts'

type Sources = Readonly<Record<string, unknown>>

/** The field, the name by which Kubernetes' words know it, and what they say. */
const deprecated: readonly (readonly [field: string, shown: string, text: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

/** Of a volume, inline or an object of its own. */
export const deprecatedSources = (sources: object, path: string): string[] =>
  deprecated.flatMap(([field, shown, text]) =>
    (sources as Sources)[field] === undefined ? [] : [`${path}.${shown}: ${text}`],
  )

/** `path`: of the list of volumes. */
export function volumeWarnings(volumes: readonly Volume[], path: string): string[] {
  const each = volumes.flatMap((volume, index) => {
    const template = volume.ephemeral?.volumeClaimTemplate
    const claim = `${path}[${index}].ephemeral.volumeClaimTemplate.spec`
    return [
      ...deprecatedSources(volume, `${path}[${index}]`),
      ...(template === undefined ? [] : claimSpecWarnings(template.spec, claim)),
    ]
  })
  return [...each, ...volumes.flatMap(overlaps)]
}

type Paths = readonly string[]

function overlaps({ name, configMap, secret, downwardAPI, projected }: Volume): string[] {
  const start = `volume ${JSON.stringify(name)}`
  const about = (paths: Paths, what: string): string[] => collisions(paths, `${start} (${what}): overlapping paths`)
  return [
    ...about(pathsOf(configMap?.items), `ConfigMap ${JSON.stringify(configMap?.name ?? '')}`),
    ...about(pathsOf(secret?.items), `Secret ${JSON.stringify(secret?.secretName ?? '')}`),
    ...about(pathsOf(downwardAPI?.items), 'DownwardAPI'),
    ...projectedOverlaps(projected?.sources ?? [], start, about),
  ]
}

function projectedOverlaps(
  sources: readonly VolumeProjection[],
  start: string,
  about: (paths: Paths, what: string) => string[],
): string[] {
  const taken = new Set<string>()
  return sources.flatMap((source) => {
    if (Object.values(source).every((part) => part === undefined))
      return [`${start} (Projected) has no sources provided`]
    const { paths, what } = filesOf(source)
    const own = new Set(paths)
    const warnings = [...about(paths, what), ...about([...own, ...taken].toSorted(), what)]
    for (const path of own) taken.add(path)
    return warnings
  })
}

function filesOf({ configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle }: VolumeProjection): {
  paths: Paths
  what: string
} {
  if (configMap?.items !== undefined)
    return { paths: pathsOf(configMap.items), what: `Projected ConfigMap ${JSON.stringify(configMap.name ?? '')}` }
  if (secret?.items !== undefined)
    return { paths: pathsOf(secret.items), what: `Projected Secret ${JSON.stringify(secret.name ?? '')}` }
  if (downwardAPI?.items !== undefined) return { paths: pathsOf(downwardAPI.items), what: 'Projected DownwardAPI' }
  if (serviceAccountToken !== undefined)
    return { paths: [serviceAccountToken.path], what: 'Projected ServiceAccountToken' }
  if (clusterTrustBundle === undefined) return { paths: [], what: '' }
  const named = clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? ''
  return { paths: [clusterTrustBundle.path], what: `Projected ClusterTrustBundle ${JSON.stringify(named)}` }
}

const pathsOf = (items: readonly Pick<KeyToPath, 'path'>[] = []): Paths => items.map(({ path }) => path)

function collisions(paths: Paths, start: string): string[] {
  const seen = new Set<string>()
  return paths.flatMap((given) => {
    const path = given.replace(/\/+$/, '')
    const other = [...seen].find((one) => overlap(one, path))
    seen.add(path)
    return other === undefined ? [] : [`${start}: ${JSON.stringify(path)} with ${JSON.stringify(other)}`]
  })
}

const overlap = (left: string, right: string): boolean =>
  left !== '' && right !== '' && (`${left}/`.startsWith(right) || `${right}/`.startsWith(left))
