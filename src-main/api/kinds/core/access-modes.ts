const shortNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

export const accessModes = Object.keys(shortNames)

/** `RWO,RWX`, in the order in which Kubernetes lists the modes. */
export function accessModesText(modes: readonly string[] | undefined): string {
  return accessModes
    .filter((mode) => modes?.includes(mode) === true)
    .map((mode) => shortNames[mode] ?? mode)
    .join(',')
}
