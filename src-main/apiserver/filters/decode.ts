/** Bodies: bounded, decoded by their content type, and made sure to be what the path promises. */
import type { Kind } from '../../api/define-kind.ts'
import { badRequest, StatusError, tooLarge, unsupportedMediaType } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { decodeProtobuf } from '../../api/schema/protobuf.ts'
import { ProtobufError } from '../../api/schema/protobuf/protobuf-error.ts'
import { definitionNameOf, type GroupVersionKind } from '../../api/schema/schema.ts'
import type { Operation } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import type { RequestBody } from '../request.ts'
import { checkAgainstSchema, type FieldValidation } from '../registry/schema-steps.ts'
import { jsonProblems, noProblems, yamlProblems, type TextProblems } from './text-problems.ts'
import { parseYaml } from '../yaml.ts'
import { goJsonError } from '../../lib/go-json-error.ts'

const bodyLimitBytes = 3 * 1024 * 1024

const json = 'application/json'
const yaml = 'application/yaml'
const protobuf = 'application/vnd.kubernetes.protobuf'

/** A body as plain data that is ours to change, and what is wrong with its text. */
export interface DecodedBody {
  readonly data: unknown
  readonly textProblems: () => TextProblems
}

const noTextProblems = (): TextProblems => noProblems

/** A kind that a body can be of: of a resource, or of one of its subresources. */
export type BodyKind = GroupVersionKind & Pick<Kind, 'apiVersion' | 'custom'>

/** No form of data at all: whoever knows what it should have been says so. */
export class Unreadable extends StatusError {
  /** What is wrong with the text. */
  readonly reasonText: string
  readonly fault: string
  readonly bytes: Uint8Array

  constructor(form: 'JSON' | 'YAML' | 'protobuf', fault: string, bytes: Uint8Array, cause: unknown) {
    super(400, 'BadRequest', `the body is not valid ${form}: ${fault}`)
    this.reasonText = fault
    this.fault = form === 'JSON' ? `couldn't get version/kind; json parse error: ${fault}` : fault
    this.bytes = bytes
    this.cause = cause
  }
}

/** The content type alone, without its parameters; empty when the client names none. */
export function contentTypeOf({ request }: Pick<Operation, 'request'>): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** The object in the body of a create or an update, complete with kind, apiVersion and metadata. */
export async function readObject(
  operation: Operation,
  kind: BodyKind,
  validation: FieldValidation,
): Promise<DynamicObject> {
  if (kind.custom !== undefined && contentTypeOf(operation) === protobuf) throw unsupportedMediaType([json, yaml])
  const { data, textProblems } = await readBodyOf(operation, kind)
  const object = asObject(data, kind)
  checkType(kind, object)
  return checkAgainstSchema(kind, object, validation, (text) => operation.warn(text), textProblems)
}

async function readBodyOf(operation: Operation, { kind }: BodyKind): Promise<DecodedBody> {
  try {
    return await readBody(operation)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    const { fault, bytes, cause } = error
    const text = `the object provided is unrecognized (must be of type ${kind}): ${fault} (${summaryOf(bytes)})`
    throw Object.assign(badRequest(text), { cause })
  }
}

const shownBytes = 30

/** The beginning of what should have been an object. */
function summaryOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>'
  const start = Buffer.from(bytes.subarray(0, shownBytes))
  const shown = bytes[0] === 0x7b ? start.toString() : start.toString('hex')
  return bytes.length > shownBytes ? `${shown} ...` : shown
}

/** The DeleteOptions in the body of a deletion; undefined when there is none. */
export async function readOptions(operation: Operation): Promise<unknown> {
  const { data } = await readBody(operation)
  return data === undefined || data === null ? undefined : asObject(data, { kind: 'DeleteOptions' })
}

/** Plain data, whatever the encoding; undefined for no body. */
export async function readBody(operation: Operation): Promise<DecodedBody> {
  const decoded = await decodedBody(operation)
  operation.audit?.requestObject(decoded.data)
  return decoded
}

async function decodedBody(operation: Operation): Promise<DecodedBody> {
  const { body } = operation.request
  if (body.type === 'none') return { data: undefined, textProblems: noTextProblems }
  if (body.type === 'data') return { data: copyPlain(body.data), textProblems: noTextProblems }
  const bytes = await readBytes(body)
  if (bytes.byteLength === 0) return { data: undefined, textProblems: noTextProblems }
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
      return { data: parseYamlText(bytes), textProblems: () => yamlProblems(decoder.decode(bytes)) }
    case protobuf:
      return { data: parseProtobuf(bytes), textProblems: noTextProblems }
    default:
      throw unsupportedMediaType([json, yaml, protobuf])
  }
}

function decodeJson(bytes: Uint8Array): DecodedBody {
  const data = parseJson(bytes)
  return { data, textProblems: () => jsonProblems(decoder.decode(bytes)) }
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
    throw new Unreadable('protobuf', error.message, bytes, error)
  }
}

export function parseJson(bytes: Uint8Array): unknown {
  checkDepth(bytes)
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    const words = goJsonError(Buffer.from(bytes).toString('latin1'))
    throw new Unreadable('JSON', words ?? (error instanceof Error ? error.message : String(error)), bytes, error)
  }
}

/** JSON is YAML too, and read much faster. Of a key that is set twice the last one counts. */
export function parseYamlText(bytes: Uint8Array): unknown {
  try {
    const text = decoder.decode(bytes)
    return jsonIn(text, bytes) ?? parseYaml(text)
  } catch (error) {
    if (error instanceof StatusError) throw error
    throw new Unreadable('YAML', String((error as Error).message), bytes, error)
  }
}

/** Undefined for what is no JSON object. */
function jsonIn(text: string, bytes: Uint8Array): unknown {
  if (!/^\s*\{/.test(text)) return undefined
  checkDepth(bytes)
  try {
    return JSON.parse(text)
  } catch {
    // It may be YAML all the same, which has braces, too.
    return undefined
  }
}

export function asObject(data: unknown, kind: { readonly kind: string } = { kind: 'object' }): DynamicObject {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as DynamicObject
  throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${whatIsNoObject(data)}`)
}

function whatIsNoObject(data: unknown): string {
  const parseError = "couldn't get version/kind; json parse error:"
  if (data === undefined) return `${parseError} unexpected end of JSON input (<empty>)`
  return `${parseError} json: cannot unmarshal ${goType(data)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
}

const goType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value

/** An object that does not say what it is, is what the path says. Throws for one that says it is something else. */
export function checkType(expected: BodyKind, object: DynamicObject): void {
  const given: { kind?: unknown; apiVersion?: unknown } = object
  const kind = given.kind ?? expected.kind
  const apiVersion = given.apiVersion ?? expected.apiVersion
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    const [name, value] = typeof kind === 'string' ? ['apiVersion', apiVersion] : ['kind', kind]
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${goType(value)} into Go struct field .${name} of type string`,
    )
  }
  const name = kind === '' ? expected.kind : kind
  const version = apiVersion === '' ? expected.apiVersion : apiVersion
  if (name !== expected.kind || version !== expected.apiVersion) throw otherType(expected, name, version)
  object.kind = expected.kind
  object.apiVersion = expected.apiVersion
}

function otherType(expected: BodyKind, kind: string, apiVersion: string): StatusError {
  const mismatch = `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`
  if (expected.custom !== undefined)
    return badRequest(
      apiVersion === expected.apiVersion
        ? `the kind in the data (${kind}) does not match the expected kind (${expected.kind})`
        : mismatch,
    )
  const slash = apiVersion.indexOf('/')
  const version = apiVersion.slice(slash + 1)
  const known = definitionNameOf({ group: slash < 0 ? '' : apiVersion.slice(0, slash), version, kind }) !== undefined
  if (known && kind === expected.kind) return badRequest(mismatch)
  const internal = expected.group === '' ? 'core' : (expected.group.split('.')[0] ?? '')
  const reason = known
    ? `converting (${version}.${kind}) to (${internal}.${expected.kind}): unknown conversion`
    : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: ${reason}`)
}
