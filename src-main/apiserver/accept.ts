/** Which form of an answer a client wants, from its `Accept` header. */

export interface MediaRange {
  /** Lower case, for example `application/json` or a wildcard. */
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

export type Format = 'json' | 'yaml' | 'protobuf'
/** A server-side reduction of an object or a list. */
export type Shape = { readonly type: 'Table' | 'PartialObjectMetadata'; readonly version: 'v1' | 'v1beta1' }

export interface Representation {
  readonly format: Format
  readonly shape?: Shape
}

/** Clients send the same few headers over and over. */
const parsed = new Map<string, readonly MediaRange[]>()
const parsedLimit = 200

/** The ranges of the header, the client's favourite first; of equal quality, those with a wildcard come last. */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  const text = header?.trim() ?? ''
  if (text === '') return [{ type: '*/*', parameters: new Map(), quality: 1 }]
  const known = parsed.get(text)
  if (known !== undefined) return known
  const ranges = text
    .split(',')
    .map(parseRange)
    .filter((range) => range.type.includes('/') && range.quality > 0)
    .toSorted((left, right) => right.quality - left.quality || wildcards(left) - wildcards(right))
  if (parsed.size >= parsedLimit) parsed.clear()
  parsed.set(text, ranges)
  return ranges
}

const wildcards = ({ type }: MediaRange): number => type.split('*').length

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=', 2)
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')]
    }),
  )
  const quality = Number(parameters.get('q') ?? 1)
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality }
}

export const formats: readonly (readonly [mediaType: string, format: Format])[] = [
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]

export function formatOf(range: MediaRange, protobuf: boolean): Format | undefined {
  if (range.type === '*/*' || range.type === 'application/*') return 'json'
  const format = formats.find(([mediaType]) => mediaType === range.type)?.[1]
  return format === 'protobuf' && !protobuf ? undefined : format
}

/**
 * The representation to answer with: the first of the client's that there is; undefined when it accepts none.
 * `protobuf`: whether the whole object has that form; metadata alone always has.
 */
export function negotiate(header: string | undefined, protobuf: boolean): Representation | undefined {
  for (const range of parseAccept(header)) {
    const representation = representationOf(range, protobuf)
    if (representation !== undefined) return representation
  }
  return undefined
}

/** The form of what has no other shapes, such as a failure: ranges that ask for one do not count. */
export function plainFormat(header: string | undefined, protobuf: boolean): Format | undefined {
  const plain = parseAccept(header).filter(({ parameters }) => !parameters.has('as'))
  return plain.map((range) => formatOf(range, protobuf)).find((format) => format !== undefined)
}

function representationOf(range: MediaRange, protobuf: boolean): Representation | undefined {
  const as = range.parameters.get('as')
  const format = formatOf(range, protobuf || as !== undefined)
  if (format === undefined) return undefined
  if (as === undefined) return { format }
  const version = range.parameters.get('v')
  if (range.parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined
  // A table has cells of any type, for which protobuf has no words.
  if (as === 'Table') return format === 'protobuf' ? undefined : { format, shape: { type: 'Table', version } }
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return { format, shape: { type: 'PartialObjectMetadata', version } }
  return undefined
}

/** Whether a gzip body is welcome. */
export function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((part) => {
    const [coding = '', ...rest] = part.split(';').map((one) => one.trim())
    return coding.toLowerCase() === 'gzip' && !rest.some((one) => /^q=0(\.0*)?$/.test(one))
  })
}
