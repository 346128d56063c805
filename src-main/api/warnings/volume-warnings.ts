/** Volumes of kinds that have gone out of use, and files that would lie over each other. */
import { withoutEnd } from '../../lib/without-end.ts'
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

/** So many files of a pod are compared with each other: it takes the square of the time, and nobody reads more. */
const mostFiles = 512

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
  let filesLeft = mostFiles
  const some = (paths: Paths): Paths => {
    const taken = paths.slice(0, filesLeft)
    filesLeft -= taken.length
    return taken
  }
  return [...each, ...volumes.flatMap((volume) => overlaps(volume, some))]
}

type Paths = readonly string[]

function overlaps(
  { name, configMap, secret, downwardAPI, projected }: Volume,
  some: (paths: Paths) => Paths,
): string[] {
  const start = `volume ${JSON.stringify(name)}`
  const about = (paths: Paths, what: string): string[] => collisions(paths, `${start} (${what}): overlapping paths`)
  return [
    ...about(some(pathsOf(configMap?.items)), `ConfigMap ${JSON.stringify(configMap?.name ?? '')}`),
    ...about(some(pathsOf(secret?.items)), `Secret ${JSON.stringify(secret?.secretName ?? '')}`),
    ...about(some(pathsOf(downwardAPI?.items)), 'DownwardAPI'),
    ...projectedOverlaps(projected?.sources ?? [], start, some, about),
  ]
}

function projectedOverlaps(
  sources: readonly VolumeProjection[],
  start: string,
  some: (paths: Paths) => Paths,
  about: (paths: Paths, what: string) => string[],
): string[] {
  const taken = new Set<string>()
  return sources.flatMap((source) => {
    if (Object.values(source).every((part) => part === undefined))
      return [`${start} (Projected) has no sources provided`]
    const { paths: all, what } = filesOf(source)
    const paths = some(all)
    if (paths.length === 0) return []
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
    const path = withoutEnd(given, '/')
    const other = firstOver(path, seen)
    seen.add(path)
    return other === undefined ? [] : [`${start}: ${JSON.stringify(path)} with ${JSON.stringify(other)}`]
  })
}

function firstOver(path: string, seen: ReadonlySet<string>): string | undefined {
  if (path === '') return undefined
  for (const one of seen) if (one !== '' && (one.startsWith(path) || path.startsWith(one))) return one
  return undefined
}
