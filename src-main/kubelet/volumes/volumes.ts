/** The volumes of a pod: what is written on the worker for them, and where containers see them. */
import type { Container, Pod, Volume, VolumeMount } from '../../api/types/core-v1.ts'
import { ConfigError, isPullError } from '../config-error.ts'
import { expand } from '../expand.ts'
import type { Mount } from '../runtime/runtime.ts'
import { configMapVolume } from './config-map.ts'
import { downwardApi } from './downward-api.ts'
import { emptyDir } from './empty-dir.ts'
import { hostPath } from './host-path.ts'
import { imageVolume } from './image.ts'
import { projected } from './projected.ts'
import { secretVolume } from './secret.ts'
import type { PreparedVolume, VolumeContext, VolumeKind } from './volume.ts'

/** Every kind of volume that a node can mount. */
export const volumeKinds: readonly VolumeKind[] = [
  emptyDir,
  hostPath,
  configMapVolume,
  secretVolume,
  downwardApi,
  projected,
  imageVolume,
]

function kindOf(volume: Volume): VolumeKind {
  const kind = volumeKinds.find(({ field }) => volume[field] !== undefined)
  if (kind !== undefined) return kind
  const field = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'
  throw new ConfigError('FailedMount', `volumes of kind ${field} cannot be mounted on this node`)
}

const folderOf = (podFolder: string, volume: Volume, kind: VolumeKind): string =>
  `${podFolder}/volumes/${kind.field.toLowerCase()}/${volume.name}`

/** A pod's volume, ready to be written. */
export interface NamedVolume extends PreparedVolume {
  readonly name: string
}

/** What has to be on the worker before the pod's containers start. Throws ConfigError, in words that name the volume. */
export async function prepareVolumes(
  podFolder: string,
  context: VolumeContext,
  wanted: (volume: Volume) => boolean = () => true,
): Promise<NamedVolume[]> {
  return Promise.all(
    (context.pod.spec?.volumes ?? []).filter(wanted).map(async (volume) => {
      try {
        const kind = kindOf(volume)
        const prepared = await kind.prepare(volume, folderOf(podFolder, volume, kind), context)
        return { ...prepared, name: volume.name }
      } catch (error) {
        // An image that cannot be had is told in the words of images.
        if (isPullError(error)) throw error
        const words = error instanceof Error ? error.message : String(error)
        throw new ConfigError('FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${words}`, error)
      }
    }),
  )
}

/** A mount whose source is below a volume, which nobody has looked at yet. */
export interface VolumeMountPoint extends Mount {
  /** The volume's own path: the source must not lead out of it. */
  readonly root: string
}

/** Where a container's mounts come from. Throws ConfigError for a mount of a volume that the pod does not have. */
export function volumeMounts(
  podFolder: string,
  pod: Pod,
  container: Container,
  variables: ReadonlyMap<string, string>,
): VolumeMountPoint[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name)
    if (volume === undefined) {
      throw new ConfigError('CreateContainerConfigError', `the pod has no volume "${mount.name}"`)
    }
    const kind = kindOf(volume)
    const root = kind.path(volume, folderOf(podFolder, volume, kind))
    const below = subPathOf(mount, variables)
    return {
      root,
      source: below === '' ? root : `${root}/${below}`,
      target: mount.mountPath,
      readOnly:
        mount.readOnly === true || readOnlyFields.has(kind.field) || volume.persistentVolumeClaim?.readOnly === true,
      ...propagationOf(mount),
    }
  })
}

/** Their content is the API's or an image's: a container cannot change it. */
const readOnlyFields = new Set<keyof Volume>(['configMap', 'secret', 'downwardAPI', 'projected', 'image'])

/** Throws ConfigError for one that a variable is missing for, or that does not stay in its volume. */
function subPathOf({ subPath = '', subPathExpr = '' }: VolumeMount, variables: ReadonlyMap<string, string>): string {
  const path = subPathExpr === '' ? subPath : expand(subPathExpr, variables, refuseUnknown)
  if (path.startsWith('/')) throw refused(`error SubPath \`${path}\` must not be an absolute path`)
  if (path.split('/').includes('..')) throw refused(`unable to provision SubPath \`${path}\`: must not contain '..'`)
  return path
}

const refused = (message: string): ConfigError => new ConfigError('CreateContainerConfigError', message)

function refuseUnknown(name: string): never {
  throw refused(`missing value for ${JSON.stringify(name)}`)
}

function propagationOf({ mountPropagation }: VolumeMount): Pick<Mount, 'propagation'> {
  if (mountPropagation === 'HostToContainer') return { propagation: 'rslave' }
  return mountPropagation === 'Bidirectional' ? { propagation: 'rshared' } : {}
}
