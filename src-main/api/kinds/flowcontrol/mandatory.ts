/** The flow schemas and priority levels that every cluster has, and that nobody may change: without them none gets in. */
import type {
  FlowSchema,
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  PriorityLevelConfigurationSpec,
  Subject,
} from '../../types/flowcontrol-v1.ts'

export const exempt = 'exempt'
export const catchAll = 'catch-all'

const group = (name: string): Subject => ({ kind: 'Group', group: { name } })

/** Everything that these may ask. */
export const anything = (...subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
})
export const everyone = [group('system:authenticated'), group('system:unauthenticated')]

/** By name. */
export const mandatoryFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  [exempt]: {
    priorityLevelConfiguration: { name: exempt },
    matchingPrecedence: 1,
    rules: [anything(group('system:masters'))],
  },
  [catchAll]: {
    priorityLevelConfiguration: { name: catchAll },
    matchingPrecedence: 10000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [anything(...everyone)],
  },
}

/** By name. */
export const mandatoryPriorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  [exempt]: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  [catchAll]: {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  },
}

export const nameOf = ({ metadata }: Pick<FlowSchema, 'metadata'>): string => metadata?.name ?? ''
