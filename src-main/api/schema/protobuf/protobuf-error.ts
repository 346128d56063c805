export type ProtobufErrorCode =
  /** It does not begin with the four bytes of Kubernetes' envelope. */
  | 'NotProtobuf'
  /** It ends in the middle of a field. */
  | 'Truncated'
  | 'Malformed'
  | 'TooDeep'
  /** The envelope names a kind that has no protobuf form here. */
  | 'UnknownKind'
  /** The envelope's content is compressed or otherwise encoded. */
  | 'UnsupportedEncoding'

export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
  readonly code: ProtobufErrorCode

  constructor(code: ProtobufErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
