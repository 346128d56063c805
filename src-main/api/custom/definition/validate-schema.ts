/** Whether an `openAPIV3Schema` is structural: every value has one type at one place (KEP-1111 and its followers). */
import { RegexSyntaxError } from '../../../lib/re2/node.ts'
import { compileRegex } from '../../../lib/re2/regex.ts'
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'
import { fitsDepth } from '../prune-object.ts'
import { isSchema } from '../read-schema.ts'
import { childSchemas } from './child-schemas.ts'
import { validateExtensions } from './validate-extensions.ts'
import { validateLogic } from './validate-logic.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
/** Levels of JSON; a schema of a level has two or three. */
const maximumLevels = 500
const maximumErrors = 100
/** Far more places than any schema has that somebody wrote or a generator made. */
const maximumPlaces = 30_000
/** Of all patterns of a schema, as they are written out: to read them takes time in proportion. */
const maximumPatternSize = 100_000

export function validateSchema(root: JSONSchemaProps, path: string): FieldError[] {
  if (!fitsDepth(root, maximumLevels))
    return [forbidden(path, `must not be nested deeper than ${maximumLevels} levels`)]
  const check = new Check()
  check.root(root, path)
  return check.errors.slice(0, maximumErrors)
}

class Check {
  readonly errors: FieldError[] = []
  private places = 0
  private patternSize = 0

  root(schema: JSONSchemaProps, path: string): void {
    if (schema.type === undefined || schema.type === '')
      this.errors.push(required(`${path}.type`, 'must not be empty at the root'))
    else if (schema.type !== 'object')
      this.errors.push(invalid(`${path}.type`, schema.type, 'must be object at the root'))
    if (schema.nullable === true) this.errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
    this.metadata(schema.properties?.['metadata'], `${path}.properties[metadata]`)
    this.place(schema, path, 'root')
  }

  private place(schema: JSONSchemaProps, path: string, role: 'root' | 'field' | 'item'): void {
    if (this.errors.length >= maximumErrors) return
    if (++this.places > maximumPlaces) {
      if (this.places === maximumPlaces + 1)
        this.errors.push(forbidden(path, `a schema may not have more than ${maximumPlaces} places`))
      return
    }
    const { type = '' } = schema
    const untyped =
      schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
    if (role !== 'root' && type === '' && !untyped)
      this.errors.push(
        required(
          `${path}.type`,
          `must not be empty for specified ${role === 'item' ? 'array items' : 'object fields'}`,
        ),
      )
    if (type !== '' && !types.includes(type)) this.errors.push(notSupported(`${path}.type`, type, types))
    if (!isPlain(schema)) {
      this.errors.push(...forbiddenWords(schema, path), ...validateExtensions(schema, path, role === 'root'))
      this.errors.push(...validateLogic(schema, path))
      this.patterns(schema, path)
    }
    const { properties, additionalProperties, items } = schema
    if (
      Object.keys(properties ?? {}).length > 0 &&
      additionalProperties !== undefined &&
      additionalProperties !== false
    )
      this.errors.push(
        forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
      )
    if (role === 'root' && additionalProperties !== undefined)
      this.errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
    if (type === 'array' && items === undefined) this.errors.push(required(`${path}.items`, 'must be specified'))
    for (const [name, property] of Object.entries(properties ?? {}))
      this.place(property, `${path}.properties[${name}]`, 'field')
    if (isSchema(additionalProperties)) this.place(additionalProperties, `${path}.additionalProperties`, 'field')
    if (isSchema(items)) this.place(items, `${path}.items`, 'item')
  }

  /** Metadata is the same for all objects: a schema may only narrow their names. */
  private metadata(schema: JSONSchemaProps | undefined, path: string): void {
    if (schema === undefined) return
    const { properties = {}, ...rest } = schema
    const others = Object.keys(properties).filter((name) => name !== 'name' && name !== 'generateName')
    const words = Object.keys(rest).filter((name) => name !== 'type' && name !== 'description')
    if (others.length > 0 || words.length > 0)
      this.errors.push(
        forbidden(
          path,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      )
  }

  private patterns(schema: JSONSchemaProps, path: string): void {
    const { pattern } = schema
    if (pattern !== undefined && pattern !== '') {
      if (this.patternSize > maximumPatternSize) {
        this.errors.push(forbidden(`${path}.pattern`, 'the patterns of this schema are too long altogether'))
        return
      }
      try {
        this.patternSize += pattern.length + compileRegex(pattern).size
      } catch (error) {
        if (!(error instanceof RegexSyntaxError)) throw error
        const words = `must be a valid regular expression, but isn't: ${error.message}`
        this.errors.push(invalid(`${path}.pattern`, pattern, words))
      }
    }
    for (const [part, at] of childSchemas(schema, path)) this.partPatterns(part, at)
  }

  /** Of a logical part and all within it, for the walk over the structure does not come there. */
  private partPatterns(part: JSONSchemaProps, path: string): void {
    this.patterns(part, path)
    for (const [name, one] of Object.entries(part.properties ?? {}))
      this.partPatterns(one, `${path}.properties[${name}]`)
    if (isSchema(part.items)) this.partPatterns(part.items, `${path}.items`)
  }
}

/** Words that no rule is about beyond those of the walk itself: most places have no others. */
const plainWords = new Set([
  'type',
  'description',
  'title',
  'properties',
  'items',
  'required',
  'format',
  'enum',
  'default',
  'nullable',
  'minimum',
  'maximum',
  'example',
])

function isPlain(schema: JSONSchemaProps): boolean {
  for (const word in schema) if (!plainWords.has(word)) return false
  return schema.items === undefined || isSchema(schema.items)
}

function forbiddenWords(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (name: string, words: string): void => void errors.push(forbidden(`${path}.${name}`, words))
  if (schema.$ref !== undefined) refuse('$ref', '$ref is not supported')
  if (schema.definitions !== undefined) refuse('definitions', 'definitions is not supported')
  if (schema.dependencies !== undefined) refuse('dependencies', 'dependencies is not supported')
  if (schema.patternProperties !== undefined) refuse('patternProperties', 'patternProperties is not supported')
  if (schema.id !== undefined && schema.id !== '') refuse('id', 'id is not supported')
  if (schema.additionalItems !== undefined) refuse('additionalItems', 'additionalItems is not supported')
  if (schema.additionalProperties === false)
    refuse('additionalProperties', 'additionalProperties cannot be set to false')
  if (schema.uniqueItems === true)
    refuse('uniqueItems', 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')
  if (schema.items !== undefined && !isSchema(schema.items))
    refuse('items', 'items must be a schema object and not an array')
  return errors
}
