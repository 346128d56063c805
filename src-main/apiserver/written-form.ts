/** From an answer's JSON or object to the bytes of the form that was negotiated. */
import type { DynamicObject } from '../api/meta/object.ts'
import { encodeProtobuf } from '../api/schema/protobuf.ts'
import { writeYaml } from './yaml.ts'
import { formats, type Format } from './accept.ts'
import { response, type EncodedResponse } from './encoded-response.ts'
import type { ServerRequest } from './request.ts'

export type Asked = Pick<ServerRequest, 'query' | 'headers'>

const newline = Buffer.from('\n')

/** `chunks` are one JSON text. Its line ends, unless it is laid out for people. */
export function written(
  code: number,
  format: Exclude<Format, 'protobuf'>,
  chunks: readonly Uint8Array[],
  asked: Asked,
  headers: Readonly<Record<string, string>> = {},
): EncodedResponse {
  const contentType = formats.find((one) => one[1] === format)?.[0] ?? 'application/json'
  if (format === 'yaml') return response(code, contentType, [Buffer.from(writeYaml(parsedJson(chunks)))], headers)
  if (isForPeople(asked))
    return response(code, contentType, [Buffer.from(JSON.stringify(parsedJson(chunks), undefined, 2))], headers)
  return response(code, contentType, [...chunks, newline], headers)
}

export function writtenProtobuf(
  code: number,
  object: DynamicObject,
  headers: Readonly<Record<string, string>> = {},
): EncodedResponse {
  return response(code, 'application/vnd.kubernetes.protobuf', [encodeProtobuf(object)], headers)
}

const programsOfPeople = ['curl', 'Wget', 'Mozilla/5.0']

/** Whether it is to be laid out: because the client says so, or because it shows its user what it gets. */
export function isForPeople({ query, headers }: Asked): boolean {
  const pretty = query.get('pretty') ?? ''
  if (pretty !== '') return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(pretty)
  const program = headers['user-agent'] ?? ''
  // What the script of a page fetches nobody looks at.
  return programsOfPeople.some((name) => program.startsWith(name)) && headers['sec-fetch-dest'] !== 'empty'
}

const parsedJson = (chunks: readonly Uint8Array[]): unknown => JSON.parse(Buffer.concat(chunks).toString())
