import type { Kind } from '../define-kind.ts'
import { forbidden, invalid, required, type FieldError } from '../field-error.ts'
import type { ObjectMeta, OwnerReference } from '../types/meta-v1.ts'
import { checkEach, checkNotNegative, checkUnchanged, problemsAt } from './field-checks.ts'
import { labelName, qualifiedNameProblems, subdomainName, type NameRule } from './names.ts'
import { validateAnnotations, validateLabels } from './validate-labels.ts'

/** What a kind says of the metadata of its objects. */
export type MetaRules = Pick<Kind, 'namespaced' | 'nameRule' | 'custom'> & Partial<Pick<Kind, 'group'>>

/** Their kinds are built in here, and Kubernetes checks their metadata as it does that of custom objects. */
const extensionGroups = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

const root = 'metadata'

/** The rules that hold for the metadata of every object; the server runs them for all kinds. */
export function validateMeta(rules: MetaRules, meta: ObjectMeta | undefined): FieldError[] {
  const { name = '', generateName = '', generation } = meta ?? {}
  const nameRule: NameRule = rules.nameRule ?? subdomainName
  return [
    ...(generateName === '' ? [] : problemsAt(`${root}.generateName`, generateName, nameRule(generateName, true))),
    ...(name === ''
      ? [required(`${root}.name`, 'name or generateName is required')]
      : problemsAt(`${root}.name`, name, nameRule(name, false))),
    ...validateNamespace(meta?.namespace ?? '', rules.namespaced),
    ...checkNotNegative(`${root}.generation`, generation),
    ...validateLabels(meta?.labels, `${root}.labels`),
    ...validateAnnotations(meta?.annotations, `${root}.annotations`),
    ...validateOwnerReferences(meta?.ownerReferences),
    ...validateFinalizers(meta?.finalizers, rules.custom === undefined && !extensionGroups.has(rules.group ?? '')),
  ]
}

function validateNamespace(namespace: string, namespaced: boolean): FieldError[] {
  const path = `${root}.namespace`
  if (!namespaced) return namespace === '' ? [] : [forbidden(path, 'not allowed on this type')]
  return namespace === '' ? [required(path)] : problemsAt(path, namespace, labelName(namespace, false))
}

/** `v1` or `apps/v1`; of what is neither, there is none. */
function versionOf(apiVersion: string): string {
  const [first = '', second, ...rest] = apiVersion.split('/')
  return rest.length > 0 ? '' : (second ?? first)
}

function validateOwnerReferences(references: readonly OwnerReference[] | undefined): FieldError[] {
  const path = `${root}.ownerReferences`
  let first: string | undefined
  // Kubernetes does not say which of them it is.
  return (references ?? []).flatMap((reference) => {
    const { apiVersion = '', kind = '', name = '', uid = '', controller } = reference
    const errors = [
      ...(versionOf(apiVersion) === '' ? [invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty')] : []),
      ...(kind === '' ? [invalid(`${path}.kind`, kind, 'must not be empty')] : []),
      ...(name === '' ? [invalid(`${path}.name`, name, 'must not be empty')] : []),
      ...(uid === '' ? [invalid(`${path}.uid`, uid, 'must not be empty')] : []),
      // Events go by themselves, so nothing may hang on one.
      ...(apiVersion === 'v1' && kind === 'Event'
        ? [invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner')]
        : []),
    ]
    if (controller !== true) return errors
    if (first === undefined) {
      first = `${kind}/${name}`
      return errors
    }
    const found = `Found "true" in references for ${first} and ${kind}/${name}`
    return [...errors, invalid(path, references, `Only one reference can have Controller set to true. ${found}`)]
  })
}

const bareFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** `builtIn`: of an object of Kubernetes' own kinds, whose finalizers must say whose they are. */
function validateFinalizers(finalizers: readonly string[] | undefined, builtIn: boolean): FieldError[] {
  const path = `${root}.finalizers`
  const both = finalizers?.includes('orphan') === true && finalizers.includes('foregroundDeletion')
  return [
    ...(finalizers ?? []).flatMap((finalizer) => problemsAt(path, finalizer, qualifiedNameProblems(finalizer))),
    ...(both ? [invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')] : []),
    ...checkEach(path, builtIn ? finalizers : [], (finalizer, at) =>
      finalizer.includes('/') || bareFinalizers.has(finalizer)
        ? []
        : [invalid(at, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')],
    ),
  ]
}

const fixedFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** What an update may not do to metadata; runs beside `validateMeta`, after the server has filled in what it keeps. */
export function validateMetaUpdate(meta: ObjectMeta | undefined, previous: ObjectMeta | undefined): FieldError[] {
  const errors: FieldError[] = []
  if (previous?.deletionTimestamp !== undefined) {
    const added = (meta?.finalizers ?? []).filter((one) => previous.finalizers?.includes(one) !== true)
    if (added.length > 0) {
      const words = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`
      errors.push(forbidden(`${root}.finalizers`, words))
    }
  }
  if ((meta?.generation ?? 0) < (previous?.generation ?? 0)) {
    errors.push(invalid(`${root}.generation`, meta?.generation ?? 0, 'must not be decremented'))
  }
  for (const field of fixedFields) errors.push(...checkUnchanged(`${root}.${field}`, meta?.[field], previous?.[field]))
  return errors
}
