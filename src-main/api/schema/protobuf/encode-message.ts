import { escapeMarkup } from '../../../lib/go-json.ts'
import { parseTime } from '../time-text.ts'
import { bytesFromBase64 } from './base64.ts'
import type { Codec, FieldPlan, MessagePlan, SchemaChoice } from './message-plan.ts'
import type { WireWriter } from './wire-writer.ts'

type JsonObject = Readonly<Record<string, unknown>>

const utf8 = new TextEncoder()

/** Writes the fields of an object that passed `checkFields`; what has no field in the plan is left out. */
export function encodeMessage(writer: WireWriter, plan: MessagePlan, object: JsonObject): void {
  for (const field of plan.fields) {
    if (field.codec.type === 'inline') {
      const inner = field.codec.plan
      writer.nested(field.number, () => encodeMessage(writer, inner, object))
      continue
    }
    const value = object[field.name]
    if (value !== undefined && value !== null) encodeField(writer, field, value)
  }
}

function encodeField(writer: WireWriter, field: FieldPlan, value: unknown): void {
  const { codec, number } = field
  if (codec.type === 'map') {
    // Sorted, so that equal objects have equal bytes.
    const entries = value as JsonObject
    for (const key of Object.keys(entries).sort()) {
      writer.nested(number, () => {
        writer.text(1, key)
        encodeValue(writer, codec.values.number, codec.values.codec, entries[key])
      })
    }
  } else if (field.repeated) for (const one of value as readonly unknown[]) encodeValue(writer, number, codec, one)
  else encodeValue(writer, number, codec, value)
}

function encodeValue(writer: WireWriter, number: number, codec: Codec, value: unknown): void {
  switch (codec.type) {
    case 'string':
      return writer.text(number, value as string)
    case 'bytes':
      return writer.content(number, bytesFromBase64(value as string))
    case 'integer':
      return writer.integer(number, value as number)
    case 'boolean':
      return writer.integer(number, value === true ? 1 : 0)
    case 'double':
      return writer.double(number, value as number)
    case 'quantity':
      return writer.nested(number, () => writer.text(1, String(value)))
    case 'time':
    case 'micro-time':
      return writer.nested(number, () => encodeTime(writer, value as string))
    case 'int-or-string':
      return writer.nested(number, () => encodeIntOrString(writer, value as string | number))
    case 'message':
    case 'inline':
      return writer.nested(number, () => encodeMessage(writer, codec.plan, value as JsonObject))
    case 'wrapped-list':
      return writer.nested(number, () => encodeField(writer, codec.items, value))
    case 'schema-choice':
      return writer.nested(number, () => encodeSchemaChoice(writer, codec.choice, codec.plan, value))
    case 'json':
      return writer.nested(number, () => writer.content(1, utf8.encode(escapeMarkup(JSON.stringify(value)))))
  }
}

function encodeTime(writer: WireWriter, text: string): void {
  const time = parseTime(text)
  if (time === undefined) return
  writer.integer(1, time.unixSeconds)
  writer.integer(2, time.nanoseconds)
}

function encodeIntOrString(writer: WireWriter, value: string | number): void {
  const isText = typeof value === 'string'
  writer.integer(1, isText ? 1 : 0)
  writer.integer(2, isText ? 0 : value)
  writer.text(3, isText ? value : '')
}

function encodeSchemaChoice(writer: WireWriter, choice: SchemaChoice, plan: MessagePlan, value: unknown): void {
  const schema = (number: number, one: unknown): void =>
    writer.nested(number, () => encodeMessage(writer, plan, one as JsonObject))
  if (choice === 'bool') {
    const isSchema = typeof value === 'object'
    writer.integer(1, isSchema || value === true ? 1 : 0)
    if (isSchema) schema(2, value)
  } else if (!Array.isArray(value)) schema(1, value)
  else {
    for (const one of value) {
      if (choice === 'strings') writer.text(2, one as string)
      else schema(2, one)
    }
  }
}
