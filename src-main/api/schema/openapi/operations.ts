import type { Kind } from '../../define-kind.ts'
import { definitionNameOf, type GroupVersionKind } from '../schema.ts'
import { referenceTo, type Content, type JsonSchema, type Method, type OperationItem } from './document.ts'
import { logParameters, parametersOf, type Action } from './parameters.ts'

const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
export const deleteOptions = `${metaPrefix}DeleteOptions`
export const status = `${metaPrefix}Status`
export const patch = `${metaPrefix}Patch`

const answerTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const watchTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const customPatchTypes = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json']
const patchTypes = [...customPatchTypes, 'application/strategic-merge-patch+json']

/** The names of the schemas of a kind and of the list of it. */
export interface KindSchemas {
  readonly object: string
  readonly list: string
  /** A custom kind knows no strategic merge patch. */
  readonly custom: boolean
}

export interface Subresource {
  readonly name: string
  readonly responds: GroupVersionKind
  readonly verbs: readonly string[]
}

type Items = { [method in Method]?: OperationItem }

/** Makes the operations of one kind. */
export class Operations {
  readonly #kind: Kind
  readonly #schemas: KindSchemas
  readonly #tags: readonly string[]
  readonly #prefix: string

  constructor(kind: Kind, schemas: KindSchemas) {
    this.#kind = kind
    this.#schemas = schemas
    this.#tags = [groupVersionTag(kind)]
    this.#prefix = groupVersionName(kind)
  }

  ofCollection(verbs: ReadonlySet<string>): Items {
    const items: Items = {}
    if (verbs.has('list')) items.get = this.#list(this.#name('list'))
    if (verbs.has('post')) items.post = this.#write('post', this.#name('create'), this.#schemas.object, this.#kind)
    if (verbs.has('deletecollection')) {
      items.delete = this.#delete('deletecollection', this.#name('delete', 'Collection'), status)
    }
    return items
  }

  ofAllNamespaces(): Items {
    return { get: this.#list(`list${this.#prefix}${this.#kind.kind}ForAllNamespaces`) }
  }

  ofObject(verbs: ReadonlySet<string>): Items {
    const { object } = this.#schemas
    const items: Items = {}
    if (verbs.has('get')) items.get = this.#operation('get', this.#name('read'), object, this.#kind)
    if (verbs.has('put')) items.put = this.#write('put', this.#name('replace'), object, this.#kind)
    if (verbs.has('patch')) items.patch = this.#patch(this.#name('patch'), object, this.#kind)
    if (verbs.has('delete')) items.delete = this.#delete('delete', this.#name('delete'), status)
    return items
  }

  ofSubresource({ name, responds, verbs }: Subresource): Items {
    const suffix = capitalised(name)
    const isOwn = responds.kind === this.#kind.kind && responds.group === this.#kind.group
    const schema = isOwn ? this.#schemas.object : definitionNameOf(responds)
    if (verbs.includes('connect')) return this.#connect(suffix, responds)
    if (schema === undefined) return {}
    if (name === 'log') return { get: this.#log(suffix) }
    const items: Items = {}
    if (verbs.includes('get')) items.get = this.#operation('get', this.#name('read', '', suffix), schema, responds)
    if (verbs.includes('post')) items.post = this.#write('post', this.#name('create', '', suffix), schema, responds)
    if (verbs.includes('put')) items.put = this.#write('put', this.#name('replace', '', suffix), schema, responds)
    if (verbs.includes('patch')) items.patch = this.#patch(this.#name('patch', '', suffix), schema, responds)
    return items
  }

  /** Such as `readAppsV1NamespacedDeploymentScale`. */
  #name(verb: string, before = '', after = ''): string {
    const scope = this.#kind.namespaced ? 'Namespaced' : ''
    return `${verb}${this.#prefix}${before}${scope}${this.#kind.kind}${after}`
  }

  #operation(action: Action, operationId: string, answer: string, of: GroupVersionKind): OperationItem {
    return {
      tags: this.#tags,
      operationId,
      parameters: parametersOf[action],
      responses: answers(contentOf(answerTypes, referenceTo(answer)), action),
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group: of.group, kind: of.kind, version: of.version },
    }
  }

  #list(operationId: string): OperationItem {
    const content = contentOf([...answerTypes, ...watchTypes], referenceTo(this.#schemas.list))
    return {
      ...this.#operation('list', operationId, this.#schemas.list, this.#kind),
      responses: answers(content, 'list'),
    }
  }

  #write(action: 'post' | 'put', operationId: string, schema: string, of: GroupVersionKind): OperationItem {
    const requestBody = { content: contentOf(['*/*'], referenceTo(schema)), required: true as const }
    return { ...this.#operation(action, operationId, schema, of), requestBody }
  }

  #patch(operationId: string, schema: string, of: GroupVersionKind): OperationItem {
    const types = this.#schemas.custom ? customPatchTypes : patchTypes
    const requestBody = { content: contentOf(types, referenceTo(patch)), required: true as const }
    return { ...this.#operation('patch', operationId, schema, of), requestBody }
  }

  #delete(action: 'delete' | 'deletecollection', operationId: string, answer: string): OperationItem {
    const requestBody = { content: contentOf(['*/*'], referenceTo(deleteOptions)) }
    return { ...this.#operation(action, operationId, answer, this.#kind), requestBody }
  }

  #log(suffix: string): OperationItem {
    const content = contentOf(['text/plain', 'application/json'], { type: 'string' })
    const operation = this.#operation('get', this.#name('read', '', suffix), this.#schemas.object, this.#kind)
    return { ...operation, parameters: logParameters, responses: answers(content, 'get') }
  }

  #connect(suffix: string, of: GroupVersionKind): Items {
    const connect = (method: string): OperationItem => ({
      ...this.#operation('connect', this.#name(`connect${method}`, '', suffix), '', of),
      responses: answers(contentOf(['*/*'], { type: 'string' }), 'connect'),
    })
    return { get: connect('Get'), post: connect('Post') }
  }
}

function contentOf(types: readonly string[], schema: JsonSchema): Content {
  return Object.fromEntries(types.map((type) => [type, { schema }]))
}

const texts: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  401: 'Unauthorized',
}

function answers(content: Content, action: Action): OperationItem['responses'] {
  const codes = { post: ['200', '201', '202'], put: ['200', '201'], patch: ['200', '201'], delete: ['200', '202'] }
  const success = codes[action as keyof typeof codes] ?? ['200']
  const entries = success.map((code) => [code, { description: texts[code] ?? '', content }] as const)
  return { ...Object.fromEntries(entries), 401: { description: 'Unauthorized' } }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `core_v1`, `rbacAuthorization_v1`. */
export function groupVersionTag({ group, version }: Pick<GroupVersionKind, 'group' | 'version'>): string {
  const name = groupName(group)
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}_${version}`
}

/** `CoreV1`, `RbacAuthorizationV1`. */
export function groupVersionName({ group, version }: Pick<GroupVersionKind, 'group' | 'version'>): string {
  return groupName(group) + capitalised(version)
}

function groupName(group: string): string {
  if (group === '') return 'Core'
  return group
    .replace(/\.k8s\.io$/, '')
    .split('.')
    .map(capitalised)
    .join('')
}
