/** Bodies: bounded, decoded by their content type, and made sure to be what the path promises. */
import { parse as parseYaml } from 'yaml'
import type { Kind } from '../../api/define-kind.ts'
import { badRequest, tooLarge, unsupportedMediaType } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { duplicateFields, duplicateFieldText } from '../../api/schema/duplicate-fields.ts'
import { decodeProtobuf } from '../../api/schema/protobuf.ts'
import { ProtobufError } from '../../api/schema/protobuf/protobuf-error.ts'
import type { Operation } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import type { RequestBody } from '../request.ts'
import { checkAgainstSchema, type FieldValidation } from '../registry/schema-steps.ts'

const bodyLimitBytes = 3 * 1024 * 1024

const json = 'application/json'
const yaml = 'application/yaml'
const protobuf = 'application/vnd.kubernetes.protobuf'

/** A body as plain data that is ours to change, and the text problems that only strict validation minds. */
export interface DecodedBody {
  readonly data: unknown
  readonly textProblems: () => readonly string[]
}

const noProblems = (): readonly string[] => []

/** The content type alone, without its parameters; empty when the client names none. */
export function contentTypeOf({ request }: Pick<Operation, 'request'>): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** The object in the body of a create or an update, complete with kind, apiVersion and metadata. */
export async function readObject(
  operation: Operation,
  kind: Kind,
  validation: FieldValidation,
): Promise<DynamicObject> {
  if (kind.custom !== undefined && contentTypeOf(operation) === protobuf) throw unsupportedMediaType([json, yaml])
  const { data, textProblems } = await readBody(operation)
  const object = asObject(data)
  checkType(kind, object)
  return checkAgainstSchema(kind, object, validation, (text) => operation.warn(text), textProblems)
}

/** The DeleteOptions in the body of a deletion; undefined when there is none. */
export async function readOptions(operation: Operation): Promise<unknown> {
  const { data } = await readBody(operation)
  return data === undefined || data === null ? undefined : asObject(data)
}

/** Plain data, whatever the encoding; undefined for no body. */
export async function readBody(operation: Operation): Promise<DecodedBody> {
  const decoded = await decodedBody(operation)
  operation.audit?.requestObject(decoded.data)
  return decoded
}

async function decodedBody(operation: Operation): Promise<DecodedBody> {
  const { body } = operation.request
  if (body.type === 'none') return { data: undefined, textProblems: noProblems }
  if (body.type === 'data') return { data: copyPlain(body.data), textProblems: noProblems }
  const bytes = await readBytes(body)
  if (bytes.byteLength === 0) return { data: undefined, textProblems: noProblems }
  return decode(bytes, contentTypeOf(operation))
}

export async function readBytes(body: Extract<RequestBody, { type: 'bytes' }>): Promise<Uint8Array> {
  const bytes = await body.read()
  if (bytes.byteLength > bodyLimitBytes) throw tooLarge(`Request entity too large: limit is ${bodyLimitBytes}`)
  return bytes
}

function decode(bytes: Uint8Array, contentType: string): DecodedBody {
  switch (contentType) {
    case '':
    case json:
      return decodeJson(bytes)
    case yaml:
    case 'text/yaml':
    case 'application/x-yaml':
      return { data: parseYamlText(bytes), textProblems: noProblems }
    case protobuf:
      return { data: parseProtobuf(bytes), textProblems: noProblems }
    default:
      throw unsupportedMediaType([json, yaml, protobuf])
  }
}

/** A field that is written twice shows only in the text. */
function decodeJson(bytes: Uint8Array): DecodedBody {
  const data = parseJson(bytes)
  return { data, textProblems: () => duplicateFields(decoder.decode(bytes)).map(duplicateFieldText) }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Deeper than any object; what reads bodies may go down with them. */
const depthLimit = 2000

/** Throws for more brackets within each other than the limit. Strings are passed over, so that theirs do not count. */
function checkDepth(bytes: Uint8Array): void {
  // Each level needs two of them.
  if (bytes.length < 2 * depthLimit) return
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x22) {
      for (at++; at < bytes.length && bytes[at] !== 0x22; at++) if (bytes[at] === 0x5c) at++
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > depthLimit) throw badRequest('the body is not valid JSON: exceeded max depth')
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
}

function parseProtobuf(bytes: Uint8Array): DynamicObject {
  try {
    return decodeProtobuf(bytes)
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error
    throw Object.assign(badRequest(`the body is not valid protobuf: ${error.message}`), { cause: error })
  }
}

export function parseJson(bytes: Uint8Array): unknown {
  checkDepth(bytes)
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw Object.assign(badRequest(`the body is not valid JSON: ${String((error as Error).message)}`), { cause: error })
  }
}

/** JSON is YAML too: what takes both reads either. */
export function parseYamlText(bytes: Uint8Array): unknown {
  try {
    return parseYaml(decoder.decode(bytes), { maxAliasCount: 100, logLevel: 'error' })
  } catch (error) {
    throw Object.assign(badRequest(`the body is not valid YAML: ${String((error as Error).message)}`), { cause: error })
  }
}

export function asObject(data: unknown): DynamicObject {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw badRequest('the body must be one object, such as {"apiVersion": …, "kind": …}')
  return data as DynamicObject
}

/** An object that does not say what it is, is what the path says. */
export function checkType(kind: Kind, object: DynamicObject): void {
  const { kind: name = '', apiVersion = '' } = object
  if (apiVersion !== '' && apiVersion !== kind.apiVersion)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${kind.apiVersion})`,
    )
  if (name !== '' && name !== kind.kind)
    throw badRequest(`the kind in the data (${name}) does not match the expected kind (${kind.kind})`)
  object.kind = kind.kind
  object.apiVersion = kind.apiVersion
}
