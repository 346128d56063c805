import { describe, expect, it } from 'vitest'
import type {
  FlowSchema,
  FlowSchemaSpec,
  LimitedPriorityLevelConfiguration,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  Subject,
} from '../../types/flowcontrol-v1.ts'
import { validateConditions } from './condition-rules.ts'
import { defaultFlowSchema, validateFlowSchema } from './flow-schema-rules.ts'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from './mandatory.ts'
import { defaultPriorityLevel, validatePriorityLevel } from './priority-level-rules.ts'

const jo: Subject = { kind: 'User', user: { name: 'jo' } }
const podRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['default'] }
const pathRule = { verbs: ['get'], nonResourceURLs: ['/healthz', '/metrics/*'] }
const aRule = (more: Partial<PolicyRulesWithSubjects> = {}): PolicyRulesWithSubjects => ({
  subjects: [jo],
  resourceRules: [podRule],
  nonResourceRules: [pathRule],
  ...more,
})
const aSchema = (more: Partial<FlowSchemaSpec> = {}, name = 'mine'): FlowSchema => ({
  metadata: { name },
  spec: { priorityLevelConfiguration: { name: 'workload-low' }, matchingPrecedence: 500, rules: [aRule()], ...more },
})
const withSubject = (subject: Subject): FlowSchema => aSchema({ rules: [aRule({ subjects: [subject] })] })
const withResources = (more: object): FlowSchema =>
  aSchema({ rules: [aRule({ resourceRules: [{ ...podRule, ...more }] })] })
const withPaths = (more: object): FlowSchema =>
  aSchema({ rules: [aRule({ nonResourceRules: [{ ...pathRule, ...more }] })] })

const said = (errors: readonly { path: string; detail: string }[]): string[] =>
  errors.map(({ path, detail }) => `${path}: ${detail}`)

describe('a flow schema', () => {
  it('is fine as it usually is', () => {
    expect(validateFlowSchema(aSchema())).toEqual([])
    expect(validateFlowSchema(aSchema({ distinguisherMethod: { type: 'ByNamespace' } }))).toEqual([])
    expect(validateFlowSchema(withResources({ namespaces: [], clusterScope: true }))).toEqual([])
    const account: Subject = { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } }
    expect(validateFlowSchema(withSubject(account))).toEqual([])
  })

  it('comes after others when it does not say when it comes', () => {
    const schema = aSchema()
    delete schema.spec?.matchingPrecedence
    defaultFlowSchema(schema)
    expect(schema.spec?.matchingPrecedence).toBe(1000)
  })

  it.each<[FlowSchema, string]>([
    [aSchema({ matchingPrecedence: 0 }), 'spec.matchingPrecedence: must be a positive value'],
    [aSchema({ matchingPrecedence: 10001 }), 'spec.matchingPrecedence: must not be greater than 10000'],
    [
      aSchema({ matchingPrecedence: 1 }),
      "spec.matchingPrecedence: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
    [
      aSchema({ distinguisherMethod: { type: 'ByMood' } }),
      'spec.distinguisherMethod.type: supported values: "ByNamespace", "ByUser"',
    ],
    [
      aSchema({ priorityLevelConfiguration: { name: '' } }),
      'spec.priorityLevelConfiguration.name: must reference a priority level',
    ],
    [aSchema({ rules: [aRule({ subjects: [] })] }), 'spec.rules[0].subjects: subjects must contain at least one value'],
    [
      aSchema({ rules: [{ subjects: [jo] }] }),
      'spec.rules[0]: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
    [
      withSubject({ kind: 'Robot' }),
      'spec.rules[0].subjects[0].kind: supported values: "Group", "ServiceAccount", "User"',
    ],
    [withSubject({ kind: 'Group' }), "spec.rules[0].subjects[0].group: group is required when subject kind is 'Group'"],
    [
      withSubject({ ...jo, group: { name: 'dev' } }),
      "spec.rules[0].subjects[0].group: group is forbidden when subject kind is not 'Group'",
    ],
    [
      withSubject({ kind: 'ServiceAccount', serviceAccount: { namespace: '', name: '*' } }),
      'spec.rules[0].subjects[0].serviceAccount.namespace: must specify namespace for service account',
    ],
    [
      withResources({ verbs: ['get', '*'] }),
      "spec.rules[0].resourceRules[0].verbs: if '*' is present, must not specify other verbs",
    ],
    [
      withResources({ apiGroups: [] }),
      'spec.rules[0].resourceRules[0].apiGroups: resource rules must supply at least one api group',
    ],
    [
      withResources({ namespaces: [] }),
      'spec.rules[0].resourceRules[0].namespaces: resource rules that are not cluster scoped must supply at least one namespace',
    ],
    [
      withPaths({ nonResourceURLs: ['healthz'] }),
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: must start with slash',
    ],
    [
      withPaths({ nonResourceURLs: ['/a*'] }),
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: wildcard can only do suffix matching',
    ],
  ])('is refused: %j', (schema, problem) => {
    expect(said(validateFlowSchema(schema))).toEqual([problem])
  })

  it.each<[FlowSchema, string[]]>([
    [
      withSubject({ kind: 'User', group: { name: 'g' } }),
      [
        "spec.rules[0].subjects[0].user: user is required when subject kind is 'User'",
        "spec.rules[0].subjects[0].group: group is forbidden when subject kind is not 'Group'",
      ],
    ],
    [
      withPaths({ nonResourceURLs: ['*', 'a'] }),
      [
        "spec.rules[0].nonResourceRules[0].nonResourceURLs: if '*' is present, must not specify other non-resource URLs",
      ],
    ],
  ])('says in its order: %j', (schema, problems) => {
    expect(said(validateFlowSchema(schema))).toEqual(problems)
  })

  it('names a namespace by a label', () => {
    expect(said(validateFlowSchema(withResources({ namespaces: ['a.b'] })))).toEqual([
      "spec.rules[0].resourceRules[0].namespaces[0]: each member of this list must be '*' or a DNS-1123 label; must not contain dots",
    ])
  })

  it.each(['exempt', 'catch-all'])('named %s stays as it is', (name) => {
    const spec = mandatoryFlowSchemas[name]
    expect(validateFlowSchema(aSchema(spec, name))).toEqual([])
    expect(said(validateFlowSchema(aSchema({ ...spec, rules: [aRule()] }, name)))).toEqual([
      `spec: spec of '${name}' must equal the fixed value`,
    ])
  })

  it.each(['watches', 'GET', '', 'post'])('has no verb %j', (verb) => {
    expect(validateFlowSchema(withResources({ verbs: [verb] }))).toMatchObject([{ type: 'FieldValueNotSupported' }])
    expect(validateFlowSchema(withPaths({ verbs: [verb] }))).toMatchObject([{ type: 'FieldValueNotSupported' }])
  })
})

const queuing = { queues: 64, handSize: 8, queueLengthLimit: 50 }
const aLevel = (spec: Partial<PriorityLevelConfigurationSpec>, name = 'mine'): PriorityLevelConfiguration => ({
  metadata: { name },
  spec: { type: 'Limited', ...spec },
})
const limitedBy = (more: Partial<LimitedPriorityLevelConfiguration>): PriorityLevelConfiguration =>
  aLevel({ limited: { limitResponse: { type: 'Queue', queuing }, ...more } })
const queuedBy = (more: Partial<typeof queuing>): PriorityLevelConfiguration =>
  limitedBy({ limitResponse: { type: 'Queue', queuing: { ...queuing, ...more } } })

describe('a priority level', () => {
  it('is fine as it usually is, with what it does not say filled in', () => {
    const level = limitedBy({ limitResponse: { type: 'Queue', queuing: {} } })
    defaultPriorityLevel(level)
    expect(level.spec?.limited).toEqual({
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: 'Queue', queuing },
    })
    expect(validatePriorityLevel(level)).toEqual([])
  })

  it.each<[PriorityLevelConfiguration, string]>([
    [aLevel({ type: 'Exempt' }), "spec.type: type must be 'Exempt' if and only if name is 'exempt'"],
    [aLevel({ type: 'Other' }), 'spec.type: supported values: "Exempt", "Limited"'],
    [aLevel({}), 'spec.limited: must not be empty when type is Limited'],
    [
      limitedBy({ nominalConcurrencyShares: -1 }),
      'spec.limited.nominalConcurrencyShares: must be a non-negative integer',
    ],
    [limitedBy({ lendablePercent: 101 }), 'spec.limited.lendablePercent: must be between 0 and 100, inclusive'],
    [
      limitedBy({ borrowingLimitPercent: -1 }),
      'spec.limited.borrowingLimitPercent: if specified, must be a non-negative integer',
    ],
    [
      limitedBy({ limitResponse: { type: 'Reject', queuing } }),
      'spec.limited.limitResponse.queuing: must be nil if limited.limitResponse.type is not Limited',
    ],
    [
      limitedBy({ limitResponse: { type: 'Queue' } }),
      'spec.limited.limitResponse.queuing: must not be empty if limited.limitResponse.type is Limited',
    ],
    [
      limitedBy({ limitResponse: { type: 'Wait' } }),
      'spec.limited.limitResponse.type: supported values: "Queue", "Reject"',
    ],
    [queuedBy({ queueLengthLimit: 0 }), 'spec.limited.limitResponse.queuing.queueLengthLimit: must be positive'],
    [queuedBy({ queues: 4 }), 'spec.limited.limitResponse.queuing.handSize: should not be greater than queues (4)'],
    [
      queuedBy({ handSize: 20 }),
      'spec.limited.limitResponse.queuing.handSize: required entropy bits of deckSize 64 and handSize 20 should not be greater than 60',
    ],
  ])('is refused: %j', (level, problem) => {
    expect(said(validatePriorityLevel(level))).toEqual([problem])
  })

  it('speaks of each number of its queues, and then of what it lends', () => {
    const limitResponse = { type: 'Queue', queuing: { ...queuing, queues: 0 } }
    expect(said(validatePriorityLevel(limitedBy({ lendablePercent: 101, limitResponse })))).toEqual([
      'spec.limited.limitResponse.queuing.queues: must be positive',
      'spec.limited.limitResponse.queuing.handSize: should not be greater than queues (0)',
      'spec.limited.lendablePercent: must be between 0 and 100, inclusive',
    ])
  })

  it('has each condition once', () => {
    const conditions = [{ type: 'A' }, { type: 'A' }, { type: '' }]
    expect(said(validateConditions({ ...aLevel({}), status: { conditions } }))).toEqual([
      'status.conditions[1].type: ',
      'status.conditions[2].type: must not be empty',
    ])
  })

  it('that is exempt stays so', () => {
    expect(said(validatePriorityLevel({ ...limitedBy({}), metadata: { name: 'exempt' } }))).toEqual([
      "spec.type: type must be 'Exempt' if and only if name is 'exempt'",
      "spec: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value",
    ])
  })

  it('that must be stays as it is, but for what the exempt one lends', () => {
    expect(validatePriorityLevel(aLevel({ type: 'Exempt', exempt: { lendablePercent: 50 } }, 'exempt'))).toEqual([])
    expect(validatePriorityLevel(aLevel(mandatoryPriorityLevels['catch-all'] ?? {}, 'catch-all'))).toEqual([])
    expect(said(validatePriorityLevel({ ...limitedBy({}), metadata: { name: 'catch-all' } }))).toEqual([
      "spec: spec of 'catch-all' must equal the fixed value",
    ])
  })
})
