/** The patch makes no sense for this kind. */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError'
  readonly code = 'Malformed'
}
