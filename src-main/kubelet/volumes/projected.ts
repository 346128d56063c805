import type { VolumeProjection } from '../../api/types/core-v1.ts'
import { ConfigError } from '../config-error.ts'
import { configMapFiles } from './config-map.ts'
import { downwardFiles } from './downward-api.ts'
import { defaultFileMode, payloadVolume, safePath, type PayloadFile } from './payload.ts'
import { secretFiles } from './secret.ts'
import type { VolumeContext, VolumeKind } from './volume.ts'

const defaultTokenSeconds = 3600

export const projected: VolumeKind = {
  field: 'projected',
  path: (_volume, folder) => folder,
  async prepare({ projected: source = {} }, folder, context) {
    const mode = source.defaultMode ?? defaultFileMode
    const files = await Promise.all((source.sources ?? []).map((one) => filesOf(one, mode, context)))
    return payloadVolume(folder, files.flat(), context.stamp, context.pod.spec?.securityContext?.fsGroup)
  },
}

async function filesOf(source: VolumeProjection, mode: number, context: VolumeContext): Promise<PayloadFile[]> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  if (configMap !== undefined) return configMapFiles(configMap, mode, context)
  if (secret !== undefined) return secretFiles(secret, mode, context)
  if (downwardAPI !== undefined) return downwardFiles(downwardAPI.items ?? [], mode, context)
  if (serviceAccountToken === undefined)
    throw new ConfigError('FailedMount', 'a projected source of this kind cannot be mounted')
  const { audience, expirationSeconds = defaultTokenSeconds, path } = serviceAccountToken
  const token = await context.token(audience, expirationSeconds)
  // Whoever runs as another user than root reads its token too, as nobody else can enter the pod's folder.
  return [{ path: safePath(path), content: Buffer.from(token), mode }]
}
