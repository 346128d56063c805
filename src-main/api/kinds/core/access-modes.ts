import { forbidden, notSupported, required, type FieldError } from '../../field-error.ts'

const shortNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

export const accessModes = Object.keys(shortNames)
const sortedModes = accessModes.toSorted()

/** `missing`: what Kubernetes says of a spec at `path` that names none. */
export function validateAccessModes(modes: readonly string[] = [], missing: string, path: string): FieldError[] {
  const at = `${path}.accessModes`
  return modes.length === 0 ? [required(at, missing)] : validateGivenModes(modes, at)
}

/** Each must be one that there is, and the one that keeps all others out stands alone. */
export function validateGivenModes(modes: readonly string[], path: string): FieldError[] {
  const known = new Set(modes.filter((mode) => accessModes.includes(mode)))
  return [
    ...modes.filter((mode) => !known.has(mode)).map((mode) => notSupported(path, mode, sortedModes)),
    ...(known.has('ReadWriteOncePod') && known.size > 1
      ? [forbidden(path, 'may not use ReadWriteOncePod with other access modes')]
      : []),
  ]
}

/** `RWO,RWX`, in the order in which Kubernetes lists the modes. */
export function accessModesText(modes: readonly string[] | undefined): string {
  return accessModes
    .filter((mode) => modes?.includes(mode) === true)
    .map((mode) => shortNames[mode] ?? mode)
    .join(',')
}
