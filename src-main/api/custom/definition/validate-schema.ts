/** Whether an `openAPIV3Schema` is structural: every value has one type at one place (KEP-1111 and its followers). */
import { RegexSyntaxError } from '../../../lib/re2/node.ts'
import { compileRegex } from '../../../lib/re2/regex.ts'
import { fieldErrorBody, forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
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
  return [...check.structuralErrors(), ...check.words].slice(0, maximumErrors)
}

type Role = 'root' | 'field' | 'item'

const roleWords: Record<Role, string> = {
  root: 'at the root',
  field: 'for specified object fields',
  item: 'for specified array items',
}

class Check {
  /** Of the structure, which Kubernetes tells in the order of their words before all others. */
  readonly structure: FieldError[] = []
  /** Of the words of each place. */
  readonly words: FieldError[] = []
  private places = 0
  private patternSize = 0
  private readsAsStructure = true

  /** None of a schema that has words for which a structure has no place: those come first. */
  structuralErrors(): FieldError[] {
    if (!this.readsAsStructure) return []
    const keyed = this.structure.map((error) => ({ key: `${error.path}: ${fieldErrorBody(error)}`, error }))
    return keyed.sort((left, right) => (left.key < right.key ? -1 : 1)).map(({ error }) => error)
  }

  root(schema: JSONSchemaProps, path: string): void {
    this.place(schema, path, 'root', { insideMeta: false, noDefaults: undefined })
  }

  private full(): boolean {
    return this.structure.length + this.words.length >= maximumErrors
  }

  private place(schema: JSONSchemaProps, path: string, role: Role, within: Within): void {
    if (this.full()) return
    if (++this.places > maximumPlaces) {
      if (this.places === maximumPlaces + 1)
        this.words.push(forbidden(path, `a schema may not have more than ${maximumPlaces} places`))
      return
    }
    const { properties = {}, additionalProperties, items, type = '' } = schema
    if (type !== '' && !types.includes(type)) this.words.push(notSupported(`${path}.type`, type, types))
    if (schema.default !== undefined && within.noDefaults !== undefined)
      this.words.push(forbidden(`${path}.default`, `must not be set ${within.noDefaults}`))
    if (!isPlain(schema)) {
      const odd = forbiddenWords(schema, path, within.insideMeta)
      if (odd.some(({ path: at }) => !at.endsWith('.uniqueItems') && !at.endsWith('-resource')))
        this.readsAsStructure = false
      this.words.push(...odd)
      this.structure.push(...validateLogic(schema, path))
      this.patterns(schema, path)
    }
    this.structure.push(...structureErrors(schema, path, role))
    if (Object.keys(properties).length > 0 && (additionalProperties === false || isSchema(additionalProperties)))
      this.words.push(
        forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
      )
    if (isSchema(additionalProperties))
      this.place(additionalProperties, `${path}.additionalProperties`, 'field', {
        ...within,
        ...(within.insideMeta ? { noDefaults: 'inside additionalProperties applying to object metadata' } : {}),
      })
    const isObject = role === 'root' || schema['x-kubernetes-embedded-resource'] === true
    for (const [name, property] of Object.entries(properties))
      this.place(
        property,
        `${path}.properties[${name}]`,
        'field',
        isObject && metaFields.includes(name)
          ? { insideMeta: true, noDefaults: role === 'root' ? `in top-level ${name}` : within.noDefaults }
          : within,
      )
    if (isSchema(items)) this.place(items, `${path}.items`, 'item', within)
    if (!isPlain(schema)) this.words.push(...validateExtensions(schema, path))
  }

  private patterns(schema: JSONSchemaProps, path: string): void {
    const { pattern } = schema
    if (pattern !== undefined && pattern !== '') {
      if (this.patternSize > maximumPatternSize) {
        this.structure.push(forbidden(`${path}.pattern`, 'the patterns of this schema are too long altogether'))
        return
      }
      try {
        this.patternSize += pattern.length + compileRegex(pattern).size
      } catch (error) {
        if (!(error instanceof RegexSyntaxError)) throw error
        const words = `must be a valid regular expression, but isn't: ${error.message}`
        this.structure.push(invalid(`${path}.pattern`, pattern, words))
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

const metaFields = ['metadata', 'kind', 'apiVersion']

interface Within {
  /** In the type or the metadata of an object. */
  readonly insideMeta: boolean
  /** Why there may be no defaults here; undefined: there may be. */
  readonly noDefaults: string | undefined
}

function forbiddenWords(schema: JSONSchemaProps, path: string, insideMeta: boolean): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (name: string, words: string): void => void errors.push(forbidden(`${path}.${name}`, words))
  const isEmpty = (value: object | undefined): boolean => Object.keys(value ?? {}).length === 0
  if ((schema.id ?? '') !== '') refuse('id', 'id is not supported')
  if (schema.additionalItems !== undefined) refuse('additionalItems', 'additionalItems is not supported')
  if (!isEmpty(schema.patternProperties)) refuse('patternProperties', 'patternProperties is not supported')
  if (!isEmpty(schema.definitions)) refuse('definitions', 'definitions is not supported')
  if (schema.dependencies !== undefined) refuse('dependencies', 'dependencies is not supported')
  if (schema.$ref !== undefined) refuse('$ref', '$ref is not supported')
  if (schema.type === 'null') refuse('type', 'type cannot be set to null, use nullable as an alternative')
  if (schema.items !== undefined && !isSchema(schema.items))
    refuse('items', 'items must be a schema object and not an array')
  if (insideMeta && schema['x-kubernetes-embedded-resource'] === true)
    refuse('x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
  if (schema.uniqueItems === true)
    refuse('uniqueItems', 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')
  return errors
}

/** What one place must be to have its place in a structure. */
function structureErrors(schema: JSONSchemaProps, path: string, role: Role): FieldError[] {
  const { type = '', properties = {}, additionalProperties, items } = schema
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true
  const errors: FieldError[] = []
  if (type === 'array' && items === undefined) errors.push(required(`${path}.items`, 'must be specified'))
  if (role === 'root' && additionalProperties !== undefined)
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
  if (isIntOrString && keepsUnknown)
    errors.push(
      invalid(
        `${path}.x-kubernetes-preserve-unknown-fields`,
        true,
        'must be false if x-kubernetes-int-or-string is true',
      ),
    )
  if (isIntOrString && isEmbedded)
    errors.push(
      invalid(`${path}.x-kubernetes-embedded-resource`, true, 'must be false if x-kubernetes-int-or-string is true'),
    )
  if (isEmbedded && type !== 'object') {
    const words = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? required(`${path}.type`, words) : invalid(`${path}.type`, type, words))
  } else if (type === '' && !isIntOrString && !keepsUnknown)
    errors.push(required(`${path}.type`, `must not be empty ${roleWords[role]}`))
  if (isEmbedded && additionalProperties !== undefined)
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'))
  if (role === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'))
  if (role === 'root' || isEmbedded) errors.push(...metaErrors(properties, path))
  if (role === 'root' && Object.hasOwn(properties, 'metadata'))
    errors.push(...rootMetadataErrors(properties['metadata'] ?? {}, `${path}.properties[metadata]`))
  if (isEmbedded && !keepsUnknown && Object.keys(properties).length === 0)
    errors.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    )
  return errors
}

/** The type of an object is text, and its metadata an object. */
function metaErrors(properties: Readonly<Record<string, JSONSchemaProps>>, path: string): FieldError[] {
  const wanted = { kind: 'string', apiVersion: 'string', metadata: 'object' }
  return Object.entries(wanted).flatMap(([name, type]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    return property === undefined || property.type === type
      ? []
      : [invalid(`${path}.properties[${name}].type`, property.type ?? '', `must be ${type}`)]
  })
}

/** Metadata is the same for all objects: a schema may only narrow their names. */
function rootMetadataErrors({ properties = {}, ...rest }: JSONSchemaProps, path: string): FieldError[] {
  const others = Object.keys(properties).filter((name) => name !== 'name' && name !== 'generateName')
  const said = Object.keys(rest).filter((name) => name !== 'type' && name !== 'default')
  if (others.length === 0 && said.length === 0) return []
  const words = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
  return [forbidden(path, words)]
}
