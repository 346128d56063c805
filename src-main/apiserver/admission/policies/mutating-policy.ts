/** A MutatingAdmissionPolicy, compiled: expressions that make patches. */
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { MutatingAdmissionPolicy, Mutation } from '../../../api/types/admissionregistration-v1.ts'
import { compile, WrongTypeError, type Program } from '../../cel/compile.ts'
import type { Environment } from '../../cel/environment.ts'
import { global, scan, type Overload } from '../../cel/library/overload.ts'
import { dyn, objectType, string, type ObjectType, type Type } from '../../cel/types/type.ts'
import { unescapeName } from '../../cel/values/json.ts'
import { admissionEnvironment } from '../expressions/environment.ts'
import {
  compileBindingParts,
  compilePolicyParts,
  type BindingParts,
  type PolicyEnvironment,
  type PolicyParts,
} from './compile-policy.ts'

export interface CompiledMutation {
  readonly type: 'ApplyConfiguration' | 'JSONPatch'
  readonly program: Program
}

export interface MutatingPolicy extends PolicyParts {
  readonly mutations: readonly CompiledMutation[]
  /** Runs once more when something was changed after it. */
  readonly runsAgain: boolean
}

const jsonPatchType = objectType('JSONPatch', { op: string, path: string, from: string, value: dyn }, true)

/** `Object`, `Object.spec`, `Object.spec.template`: named for where they stand. They hold whatever a patch may say. */
function patchObjectType(name: string): ObjectType | undefined {
  if (name === 'JSONPatch') return jsonPatchType
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined
  return {
    ...{ kind: 'object', name, constructible: true },
    field: (field) => ({ name: unescapeName(field) ?? field, type: dyn }),
  }
}

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const jsonPatchLibrary: readonly Overload[] = [
  global('jsonpatch.escapeKey', ['string'], 'string', escapeKey, { cost: scan }),
]

export function mutatingEnvironment(params: boolean): PolicyEnvironment {
  return (variables) =>
    admissionEnvironment({
      ...{ params, authorizer: true, namespaceObject: true, libraries: [jsonPatchLibrary] },
      ...(variables === undefined ? {} : { variables }),
      constructible: patchObjectType,
    })
}

export const mutationExpression = ({ patchType, applyConfiguration, jsonPatch }: Mutation): string | undefined =>
  patchType === 'JSONPatch' ? jsonPatch?.expression : applyConfiguration?.expression

/** Throws CompileError, also for an expression that makes no such patch. */
export function compileMutation(mutation: Mutation, env: Environment): CompiledMutation {
  const expression = mutationExpression(mutation) ?? ''
  const program = compile(expression, env)
  if (mutation.patchType === 'JSONPatch') {
    if (!isPatchList(program.type)) throw new WrongTypeError(expression, 'must evaluate to list(JSONPatch)')
    return { type: 'JSONPatch', program }
  }
  const { type } = program
  if (type.kind !== 'dyn' && !(type.kind === 'object' && type.name === 'Object'))
    throw new WrongTypeError(expression, 'must evaluate to Object')
  return { type: 'ApplyConfiguration', program }
}

function isPatchList(type: Type): boolean {
  if (type.kind !== 'list') return type.kind === 'dyn'
  const { element } = type
  return element.kind === 'dyn' || (element.kind === 'object' && element.name === jsonPatchType.name)
}

export function compileMutatingPolicy(object: DynamicObject): MutatingPolicy {
  const { metadata, spec = {} } = object as MutatingAdmissionPolicy
  const parts = compilePolicyParts(metadata?.name ?? '', spec, mutatingEnvironment(spec.paramKind !== undefined))
  return {
    ...parts,
    mutations: (spec.mutations ?? []).map((mutation) => compileMutation(mutation, parts.environment)),
    runsAgain: spec.reinvocationPolicy === 'IfNeeded',
  }
}

export const compileMutatingBinding = (object: DynamicObject): BindingParts => compileBindingParts(object)
