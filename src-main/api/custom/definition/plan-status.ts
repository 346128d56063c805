/** What the status of a CRD should say: which names it has been granted, and whether it is served. */
import { isConditionTrue, withCondition } from '../../meta/conditions.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '../../types/apiextensions-v1.ts'

import { approvalCondition } from './approval.ts'

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

type Names = CustomResourceDefinitionNames
interface Problem {
  readonly reason: string
  readonly message: string
}

/** `others` are the other CRDs of the same group. Once it is served, a CRD stays so until it goes. */
export function planDefinitionStatus(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): CustomResourceDefinitionStatus {
  const { spec, status } = definition
  const { names, problems } = grantNames(spec.names, status?.acceptedNames, others)
  const [problem] = problems
  const message = problems.map((one) => one.message).join(', ')
  const accepted: CustomResourceDefinitionCondition =
    problem === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', reason: problem.reason, message }
  let { conditions } = withCondition(status?.conditions, accepted, now)
  if (!isConditionTrue(conditions, 'Established')) {
    const established: CustomResourceDefinitionCondition =
      problem === undefined
        ? {
            type: 'Established',
            status: 'True',
            reason: 'InitialNamesAccepted',
            message: 'the initial names have been accepted',
          }
        : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
    conditions = withCondition(conditions, established, now).conditions
  }
  const approval = approvalCondition(definition)
  if (approval !== undefined) conditions = withCondition(conditions, approval, now).conditions
  return { ...status, acceptedNames: names, conditions }
}

/** How the deletion of all objects stands. */
export function planTermination(
  status: CustomResourceDefinitionStatus | undefined,
  stage: 'pending' | 'in-progress' | 'completed',
  now: string,
): CustomResourceDefinitionStatus {
  const condition: CustomResourceDefinitionCondition = { type: 'Terminating', ...stages[stage] }
  return { ...status, conditions: withCondition(status?.conditions, condition, now).conditions }
}

const stages = {
  pending: {
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  },
  'in-progress': {
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  },
  completed: { status: 'False', reason: 'InstanceDeletionCompleted', message: 'removed all instances' },
} as const

/** A name that nobody else has is granted; one that is taken leaves what was granted before. */
function grantNames(
  wanted: Names,
  granted: Names | undefined,
  others: readonly CustomResourceDefinition[],
): { names: Names; problems: Problem[] } {
  const taken = others.map(({ status }) => status?.acceptedNames)
  const resources = new Set(taken.flatMap((one) => [one?.plural, one?.singular, ...(one?.shortNames ?? [])]))
  const kinds = new Set(taken.flatMap((one) => [one?.kind, one?.listKind]))
  const problems: Problem[] = []
  const grant = (
    name: string | undefined,
    before: string | undefined,
    used: ReadonlySet<string | undefined>,
    reason: string,
  ): string => {
    if (name === undefined || name === '' || !used.has(name)) return name ?? ''
    problems.push({ reason, message: `${JSON.stringify(name)} is already in use` })
    return before ?? ''
  }
  const plural = grant(wanted.plural, granted?.plural, resources, 'PluralConflict')
  const singular = grant(wanted.singular, granted?.singular, resources, 'SingularConflict')
  const shortTaken = (wanted.shortNames ?? []).filter((name) => resources.has(name))
  if (shortTaken.length > 0)
    problems.push({
      reason: 'ShortNamesConflict',
      message: shortTaken.map((name) => `${JSON.stringify(name)} is already in use`).join(', '),
    })
  const shortNames = shortTaken.length > 0 ? granted?.shortNames : wanted.shortNames
  const kind = grant(wanted.kind, granted?.kind, kinds, 'KindConflict')
  const listKind = grant(wanted.listKind, granted?.listKind, kinds, 'ListKindConflict')
  const names: Names = {
    ...{ plural, kind },
    ...(singular === '' ? {} : { singular }),
    ...(listKind === '' ? {} : { listKind }),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(wanted.categories === undefined ? {} : { categories: wanted.categories }),
  }
  return { names, problems }
}
