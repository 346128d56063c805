/** Pod Security admission: pods keep to the level of their namespace, and workloads are told when their pods will not. */
import { forbiddenRequest, invalidObject } from '../../api/errors.ts'
import { sameValue } from '../../api/meta/field-checks.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import {
  levelOf,
  levelProblems,
  levelText,
  violationsOf,
  violationText,
  type LevelVersion,
} from '../../api/pod-security/standards.ts'
import type { Namespace, Pod, PodTemplateSpec } from '../../api/types/core-v1.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

/** Who and what is not held to any level. */
export interface PodSecurityExemptions {
  readonly usernames: readonly string[]
  readonly namespaces: readonly string[]
  readonly runtimeClasses: readonly string[]
}

const none: PodSecurityExemptions = { usernames: [], namespaces: [], runtimeClasses: [] }
/** How many pods of a namespace are looked at when its level rises. */
const examinedPods = 3000

export function podSecurity(exempt: PodSecurityExemptions = none): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    validate(request, context) {
      const { operation, kind, subresource, user, namespace } = request
      if (operation === 'DELETE') return
      if (kind.group === '' && kind.plural === 'namespaces' && subresource === '')
        return checkNamespace(request, context, exempt)
      const template = subresource === '' ? templateOf(request) : undefined
      const isPod = kind.group === '' && kind.plural === 'pods' && ['', 'ephemeralcontainers'].includes(subresource)
      if (!isPod && template === undefined) return
      const labels = context.cache.resource('core/namespaces').get(namespace)?.object.metadata?.labels
      if (labels === undefined || exempt.usernames.includes(user.name) || exempt.namespaces.includes(namespace)) return
      if (isPod) checkPod(request, labels, exempt)
      else if (template !== undefined && !isExempt(template, exempt)) warnOf(request, levelOf(labels, 'warn'), template)
    },
  }
}

type Labels = Readonly<Record<string, string>>

const isExempt = ({ spec }: PodTemplateSpec, { runtimeClasses }: PodSecurityExemptions): boolean =>
  runtimeClasses.includes(spec?.runtimeClassName ?? '')

function checkPod(request: AdmissionRequest, labels: Labels, exempt: PodSecurityExemptions): void {
  const { kind, name, object, previous } = request
  const pod = object as Pod
  if (previous !== undefined && sameValue(securityOf(pod), securityOf(previous as Pod))) return
  if (isExempt(pod, exempt)) return
  const enforced = levelOf(labels, 'enforce')
  const violations = violationsOf(enforced, pod.metadata ?? {}, pod.spec ?? { containers: [] })
  if (violations.length > 0) throw forbiddenRequest(kind, name, violationText('violates', enforced, violations))
  const warned = levelOf(labels, 'warn')
  if (levelText(warned) !== levelText(enforced)) warnOf(request, warned, pod)
}

/** What an update of a pod can change that matters here: images, and containers that join it. */
const securityOf = ({ metadata, spec }: Pod): unknown => ({ annotations: metadata?.annotations, spec })

function warnOf({ warn }: AdmissionRequest, level: LevelVersion, { metadata, spec }: PodTemplateSpec): void {
  if (spec === undefined) return
  const violations = violationsOf(level, metadata ?? {}, spec)
  if (violations.length > 0) warn(violationText('would violate', level, violations))
}

const workloads = new Set([
  ...['deployments.apps', 'daemonsets.apps', 'statefulsets.apps', 'replicasets.apps', 'replicationcontrollers.'],
  ...['jobs.batch', 'cronjobs.batch', 'podtemplates.'],
])

/** The pod template of a workload that is new or whose template changes. */
function templateOf({ kind, object, previous }: AdmissionRequest): PodTemplateSpec | undefined {
  if (!workloads.has(`${kind.plural}.${kind.group}`)) return undefined
  const template = templateIn(object)
  return previous !== undefined && sameValue(template, templateIn(previous)) ? undefined : template
}

function templateIn(object: DynamicObject): PodTemplateSpec | undefined {
  type Holder = { readonly template?: PodTemplateSpec; readonly jobTemplate?: { readonly spec?: Holder } }
  const spec = object.spec as Holder | undefined
  return spec?.jobTemplate?.spec?.template ?? spec?.template ?? (object as Holder).template
}

function checkNamespace(request: AdmissionRequest, context: AdmissionContext, exempt: PodSecurityExemptions): void {
  const { kind, name, object, previous, operation, warn } = request
  const { labels } = (object as Namespace).metadata ?? {}
  const before = previous?.metadata?.labels
  const problems = levelProblems(labels)
  if (problems.length > 0 && (operation === 'CREATE' || levelProblems(before).length === 0))
    throw invalidObject(kind, name, problems)
  const level = levelOf(labels, 'enforce')
  if (operation === 'CREATE' || level.level === 'privileged' || exempt.namespaces.includes(name)) return
  if (levelText(level) === levelText(levelOf(before, 'enforce'))) return
  for (const text of existingPodsText(name, level, context)) warn(text)
}

/** Pods that are there stay, but whoever raises the level is told which of them could not come again. */
function existingPodsText(namespace: string, level: LevelVersion, { cache }: AdmissionContext): string[] {
  const byReason = new Map<string, string[]>()
  for (const { object } of cache.resource('core/pods').list({ namespace }, { limit: examinedPods })) {
    const { metadata = {}, spec } = object as Pod
    const violations = spec === undefined ? [] : violationsOf(level, metadata, spec)
    if (violations.length === 0) continue
    const reasons = violations.map(({ reason }) => reason).join(', ')
    byReason.set(reasons, [...(byReason.get(reasons) ?? []), metadata.name ?? ''])
  }
  if (byReason.size === 0) return []
  const head = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(levelText(level))}`
  return [
    head,
    ...[...byReason].map(([reasons, [first = '', ...rest]]) => `${first}${others(rest.length)}: ${reasons}`),
  ]
}

const others = (count: number): string =>
  count === 0 ? '' : count === 1 ? ' (and 1 other pod)' : ` (and ${count} other pods)`
