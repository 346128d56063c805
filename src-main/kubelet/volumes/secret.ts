import type { SecretProjection } from '../../api/types/core-v1.ts'
import { ConfigError } from '../config-error.ts'
import { defaultFileMode, payloadVolume, selectFiles, type PayloadFile } from './payload.ts'
import type { VolumeContext, VolumeKind } from './volume.ts'

export const secretVolume: VolumeKind = {
  field: 'secret',
  path: (_volume, folder) => folder,
  async prepare({ secret: source = {} }, folder, context) {
    const { secretName, items, optional, defaultMode = defaultFileMode } = source
    const projection: SecretProjection = {
      ...(secretName === undefined ? {} : { name: secretName }),
      ...(items === undefined ? {} : { items }),
      ...(optional === undefined ? {} : { optional }),
    }
    const files = await secretFiles(projection, defaultMode, context)
    return payloadVolume(folder, files, context.stamp, context.pod.spec?.securityContext?.fsGroup)
  },
}

export async function secretFiles(
  { name = '', items, optional = false }: SecretProjection,
  mode: number,
  { pod, config }: VolumeContext,
): Promise<PayloadFile[]> {
  const found = await config.secret(pod.metadata.namespace ?? 'default', name)
  if (found === undefined && !optional) throw new ConfigError('FailedMount', `secret "${name}" not found`)
  const data = Object.entries(found?.data ?? {}).map(([key, value]): [string, Uint8Array] => [
    key,
    Buffer.from(value, 'base64'),
  ])
  return selectFiles(new Map(data), items, mode, { what: 'secret', optional })
}
