/** What the writer of an object is warned of, though the object is taken: one entry for each resource that has warnings. */
import { dnsLabelProblems } from '../meta/names.ts'
import type { DynamicObject } from '../meta/object.ts'
import type { StatefulSet } from '../types/apps-v1.ts'
import type { CronJob, Job, JobSpec } from '../types/batch-v1.ts'
import type { Pod, PodTemplateSpec, Secret, Service } from '../types/core-v1.ts'
import type { Ingress } from '../types/networking-v1.ts'
import type { RuntimeClass } from '../types/node-v1.ts'
import { annotationWarning } from './annotation-warning.ts'
import { claimSpecWarnings, claimWarnings } from './claim-warnings.ts'
import { nodeLabelWarning } from './node-labels.ts'
import { podWarnings } from './pod-warnings.ts'
import { serviceWarnings } from './service-warnings.ts'
import { volumeObjectWarnings } from './volume-object-warnings.ts'

const surprising = 'which can result in surprising behavior; a DNS label is recommended'

/** Of one whose pods are named after it, or which is one. */
function ofName({ metadata }: DynamicObject, use = 'in Pod names and hostnames'): string[] {
  const problems = dnsLabelProblems(metadata?.name)
  return problems.length === 0 ? [] : [`metadata.name: this is used ${use}, ${surprising}: [${problems.join(' ')}]`]
}

const ofPod = (object: DynamicObject): string[] => [
  ...ofName(object, "in the Pod's hostname"),
  ...podWarnings(object as Pod),
]

function ofTemplate({ spec }: DynamicObject): string[] {
  const { template } = (spec ?? {}) as { template?: PodTemplateSpec }
  return podWarnings(template ?? {}, 'spec.template.')
}

function ofStatefulSet(set: StatefulSet): string[] {
  const { volumeClaimTemplates = [], revisionHistoryLimit = 0 } = set.spec ?? {}
  return [
    ...ofTemplate(set as unknown as DynamicObject),
    ...volumeClaimTemplates.flatMap(({ spec }, index) =>
      claimSpecWarnings(spec ?? {}, `spec.volumeClaimTemplates[${index}]`),
    ),
    ...(revisionHistoryLimit < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : []),
  ]
}

const manyCompletions = 100_000
const muchParallelism = 10_000

function ofJobSpec({ completionMode, completions = 0, parallelism = 0, template }: JobSpec, path: string): string[] {
  const isVast = completionMode === 'Indexed' && completions > manyCompletions && parallelism > muchParallelism
  return [
    ...(isVast
      ? [
          `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, ` +
            'Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
        ]
      : []),
    ...podWarnings(template, `${path}.template.`),
  ]
}

function ofJob(object: DynamicObject): string[] {
  const { spec } = object as Job
  return [...ofName(object), ...(spec === undefined ? [] : ofJobSpec(spec, 'spec'))]
}

function ofCronJob(object: DynamicObject): string[] {
  const { spec } = object as unknown as CronJob
  const page = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'
  return [
    ...ofName(object),
    ...(spec?.jobTemplate.spec === undefined ? [] : ofJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec')),
    ...(/TZ=/.test(spec?.schedule ?? '')
      ? [`CRON_TZ or TZ used in spec.schedule is not officially supported, see ${page} for more details`]
      : []),
  ]
}

function ofSecret({ type, data = {} }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const lacks = (name: string): boolean => !atob(data[name] ?? '').includes('-----BEGIN ')
  if (lacks('tls.crt')) return ['tls: failed to find any PEM data in certificate input']
  return lacks('tls.key') ? ['tls: failed to find any PEM data in key input'] : []
}

const ofServiceAccount = ({ metadata }: DynamicObject): string[] =>
  annotationWarning(
    metadata,
    'kubernetes.io/enforce-mountable-secrets',
    'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
  )

function ofIngress({ metadata, spec }: Ingress): string[] {
  const key = 'kubernetes.io/ingress.class'
  return Object.hasOwn(metadata?.annotations ?? {}, key) && spec?.ingressClassName === undefined
    ? [`annotation "${key}" is deprecated, please use 'spec.ingressClassName' instead`]
    : []
}

const ofRuntimeClass = ({ scheduling }: RuntimeClass): string[] =>
  Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const text = nodeLabelWarning(label)
    return text === undefined ? [] : [`scheduling.nodeSelector: ${text}`]
  })

interface Warner {
  of(object: DynamicObject): string[]
  /** When an update is warned as well; absent: always. */
  readonly updates?: 'never' | 'of the spec'
}

const warners: ReadonlyMap<string, Warner> = new Map<string, Warner>([
  // Programs update pods all the time, and nobody would see it.
  ['core/pods', { of: ofPod, updates: 'never' }],
  ['core/podtemplates', { of: ({ template }) => podWarnings((template ?? {}) as PodTemplateSpec, 'template.') }],
  [
    'core/replicationcontrollers',
    { of: (object) => [...ofName(object), ...ofTemplate(object)], updates: 'of the spec' },
  ],
  ['core/services', { of: (object) => serviceWarnings(object as Service) }],
  ['core/persistentvolumeclaims', { of: (object) => claimWarnings(object as never) }],
  ['core/persistentvolumes', { of: (object) => volumeObjectWarnings(object as never) }],
  ['core/secrets', { of: (object) => ofSecret(object as Secret) }],
  ['core/serviceaccounts', { of: ofServiceAccount }],
  ['apps/daemonsets', { of: ofTemplate, updates: 'of the spec' }],
  ['apps/deployments', { of: (object) => [...ofName(object), ...ofTemplate(object)], updates: 'of the spec' }],
  ['apps/replicasets', { of: (object) => [...ofName(object), ...ofTemplate(object)], updates: 'of the spec' }],
  ['apps/statefulsets', { of: (object) => ofStatefulSet(object as unknown as StatefulSet), updates: 'of the spec' }],
  ['batch/jobs', { of: ofJob, updates: 'of the spec' }],
  ['batch/cronjobs', { of: ofCronJob }],
  ['networking.k8s.io/ingresses', { of: (object) => ofIngress(object as Ingress), updates: 'never' }],
  ['node.k8s.io/runtimeclasses', { of: (object) => ofRuntimeClass(object as unknown as RuntimeClass) }],
])

/** `resource` is `group/plural`; `previous` is undefined for a new object. */
export function warningsOf(
  resource: string,
  object: DynamicObject,
  previous: DynamicObject | undefined,
): readonly string[] {
  const warner = warners.get(resource)
  if (warner === undefined || (previous !== undefined && warner.updates === 'never')) return []
  const same = previous !== undefined && previous.metadata?.generation === object.metadata?.generation
  return warner.updates === 'of the spec' && same ? [] : warner.of(object)
}
