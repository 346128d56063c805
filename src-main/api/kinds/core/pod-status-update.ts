import { forbidden, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import type { Container, ContainerStatus, Pod, PodSpec } from '../../types/core-v1.ts'

/** What may be said of a pod: its class is settled when it is made, and what has ended for good stays so. */
export function validatePodStatus({ spec, status }: Pod, previous: Pod): FieldError[] {
  const { nominatedNodeName = '', conditions } = status ?? {}
  const before = previous.status
  return [
    ...(spec?.nodeName === previous.spec?.nodeName
      ? []
      : [forbidden('status.nodeName', 'may not be changed directly')]),
    ...(nominatedNodeName === ''
      ? []
      : problemsAt('status.nominatedNodeName', nominatedNodeName, dnsSubdomainProblems(nominatedNodeName))),
    ...checkNotNegative('status.observedGeneration', status?.observedGeneration),
    ...checkEach('status.conditions', conditions, ({ observedGeneration }, at) =>
      checkNotNegative(`${at}.observedGeneration`, observedGeneration),
    ),
    ...checkUnchanged('status.qosClass', status?.qosClass, before?.qosClass),
    ...(['containerStatuses', 'initContainerStatuses'] as const).flatMap((list) =>
      validateEnded(status?.[list], before?.[list], `status.${list}`, (one) => mayRestart(previous.spec, one)),
    ),
    // Nobody starts these again, whatever the policy of the pod says.
    ...validateEnded(
      status?.ephemeralContainerStatuses,
      before?.ephemeralContainerStatuses,
      'status.ephemeralContainerStatuses',
      () => false,
    ),
  ]
}

type Statuses = readonly ContainerStatus[] | undefined

function validateEnded(
  now: Statuses,
  before: Statuses,
  path: string,
  restarts: (status: ContainerStatus) => boolean,
): FieldError[] {
  return checkEach(path, before, (old, at) => {
    if (old.state?.terminated === undefined || restarts(old)) return []
    const same = now?.find(({ name }) => name === old.name)
    return same === undefined || same.state?.terminated !== undefined
      ? []
      : [forbidden(`${at}.state`, 'may not be transitioned to non-terminated state')]
  })
}

function mayRestart(spec: PodSpec | undefined, { name, state }: ContainerStatus): boolean {
  const all: readonly Container[] = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const container = all.find((one) => one.name === name)
  const rules = container?.restartPolicyRules ?? []
  const restartsAll = all.some((one) => one.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'))
  if (spec?.restartPolicy === 'Always' || restartsAll || rules.length > 0) return true
  const policy = container?.restartPolicy ?? spec?.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && state?.terminated?.exitCode !== 0)
}
