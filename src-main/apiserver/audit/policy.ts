/** What is written down of which requests: a Policy of audit.k8s.io/v1. */
import { parse } from 'yaml'
import type { RequestInfo } from '../filters/request-info.ts'
import type { UserInfo } from '../request.ts'

export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse'
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic'

const levels: readonly string[] = ['None', 'Metadata', 'Request', 'RequestResponse']
const lists = ['users', 'userGroups', 'verbs', 'resources', 'namespaces', 'nonResourceURLs', 'omitStages']
const stages: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic']

export interface AuditRule {
  readonly level: AuditLevel
  readonly users?: readonly string[]
  readonly userGroups?: readonly string[]
  readonly verbs?: readonly string[]
  readonly resources?: readonly {
    readonly group?: string
    readonly resources?: readonly string[]
    readonly resourceNames?: readonly string[]
  }[]
  readonly namespaces?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly omitStages?: readonly AuditStage[]
  readonly omitManagedFields?: boolean
}

export interface AuditPolicy {
  readonly rules: readonly AuditRule[]
  readonly omitStages?: readonly AuditStage[]
  readonly omitManagedFields?: boolean
}

export class AuditPolicyError extends Error {
  override readonly name = 'AuditPolicyError'
  readonly code = 'InvalidPolicy'
}

/** YAML or JSON. Throws AuditPolicyError, which names the place. */
export function parseAuditPolicy(text: string): AuditPolicy {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw Object.assign(new AuditPolicyError(`the audit policy is not YAML: ${String(error)}`), { cause: error })
  }
  const refuse = (problem: string): never => {
    throw new AuditPolicyError(`the audit policy is invalid: ${problem}`)
  }
  if (typeof value !== 'object' || value === null) return refuse('it must be one object')
  const { apiVersion, kind, rules, omitStages = [] } = value as Record<string, unknown>
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') return refuse('it must be a Policy of audit.k8s.io/v1')
  if (!Array.isArray(rules) || rules.length === 0) return refuse('rules: at least one is required')
  const checkStages = (path: string, list: unknown): void => {
    if (!Array.isArray(list) || !list.every((one) => stages.includes(String(one))))
      refuse(`${path}: supported values are ${stages.join(', ')}`)
  }
  checkStages('omitStages', omitStages)
  for (const [index, rule] of (rules as Record<string, unknown>[]).entries()) {
    if (typeof rule !== 'object' || rule === null) refuse(`rules[${index}]: must be an object`)
    if (!levels.includes(String(rule['level'])))
      refuse(`rules[${index}].level: supported values are ${levels.join(', ')}`)
    checkStages(`rules[${index}].omitStages`, rule['omitStages'] ?? [])
    for (const name of lists) {
      if (!Array.isArray(rule[name] ?? [])) refuse(`rules[${index}].${name}: must be a list`)
    }
    const isOfPaths = ((rule['nonResourceURLs'] ?? []) as unknown[]).length > 0
    const isOfResources = [rule['resources'], rule['namespaces']].some((list) => Array.isArray(list) && list.length > 0)
    if (isOfPaths && isOfResources)
      refuse(`rules[${index}].nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs`)
  }
  return { ...value, rules: rules.map(withoutNulls) } as AuditPolicy
}

/** A list without anything in it, as YAML has it, is none. */
const withoutNulls = (rule: object): object =>
  Object.fromEntries(Object.entries(rule).filter(([, field]) => field !== null))

export interface AuditDecision {
  readonly level: AuditLevel
  readonly omitStages: ReadonlySet<AuditStage>
  readonly omitManagedFields: boolean
}

/** The first rule that matches decides; without one nothing is written. */
export function auditDecision(policy: AuditPolicy, user: UserInfo, info: RequestInfo): AuditDecision {
  const rule = policy.rules.find((one) => matches(one, user, info))
  return {
    level: rule?.level ?? 'None',
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  }
}

const fits = (wanted: readonly string[] | undefined, value: string): boolean =>
  wanted === undefined || wanted.length === 0 || wanted.includes(value)

function matches(rule: AuditRule, user: UserInfo, info: RequestInfo): boolean {
  const { users, userGroups = [], verbs, resources = [], namespaces = [], nonResourceURLs = [] } = rule
  if (!fits(users, user.name) || !fits(verbs, info.verb)) return false
  if (userGroups.length > 0 && !user.groups.some((group) => userGroups.includes(group))) return false
  if (info.type === 'path') {
    if (resources.length > 0 || namespaces.length > 0) return false
    return nonResourceURLs.length === 0 || nonResourceURLs.some((pattern) => pathFits(pattern, info.path))
  }
  if (nonResourceURLs.length > 0 || !fits(namespaces, info.target.namespace)) return false
  return resources.length === 0 || resources.some((one) => resourceFits(one, info.target))
}

const pathFits = (pattern: string, path: string): boolean =>
  pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))

function resourceFits(
  { group = '', resources = [], resourceNames = [] }: NonNullable<AuditRule['resources']>[number],
  target: Extract<RequestInfo, { type: 'resource' }>['target'],
): boolean {
  if (group !== target.group) return false
  if (resources.length === 0) return true
  const { plural, subresource, name } = target
  const full = subresource === '' ? plural : `${plural}/${subresource}`
  if (resourceNames.length > 0 && !resourceNames.includes(name)) return false
  return resources.some(
    (one) =>
      one === '*' || one === full || (subresource !== '' && (one === `${plural}/*` || one === `*/${subresource}`)),
  )
}
