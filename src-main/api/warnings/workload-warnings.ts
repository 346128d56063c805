/** What the writer of a workload is warned of beside what is odd about its pods. */
import type { StatefulSet } from '../types/apps-v1.ts'
import type { CronJob, Job, JobSpec } from '../types/batch-v1.ts'
import type { PodTemplateSpec } from '../types/core-v1.ts'
import type { ObjectMeta } from '../types/meta-v1.ts'
import { claimSpecWarnings } from './claim-warnings.ts'
import { nameWarnings } from './name-warnings.ts'
import { podWarnings } from './pod-warnings.ts'

interface Workload {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly template?: PodTemplateSpec }
}

export const templateWarnings = ({ spec }: Workload): string[] => podWarnings(spec?.template ?? {}, 'spec.template.')

/** Of one whose pods are named after it. */
export const namedWorkloadWarnings = (workload: Workload): string[] => [
  ...nameWarnings(workload.metadata),
  ...templateWarnings(workload),
]

export function statefulSetWarnings(set: StatefulSet): string[] {
  const { volumeClaimTemplates = [], revisionHistoryLimit = 0 } = set.spec ?? {}
  return [
    ...templateWarnings(set),
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

function jobSpecWarnings(
  { completionMode, completions = 0, parallelism = 0, template }: JobSpec,
  path: string,
): string[] {
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

export const jobWarnings = ({ metadata, spec }: Job): string[] => [
  ...nameWarnings(metadata),
  ...(spec === undefined ? [] : jobSpecWarnings(spec, 'spec')),
]

export function cronJobWarnings({ metadata, spec }: CronJob): string[] {
  const page = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'
  return [
    ...nameWarnings(metadata),
    ...(spec?.jobTemplate.spec === undefined ? [] : jobSpecWarnings(spec.jobTemplate.spec, 'spec.jobTemplate.spec')),
    ...(/TZ=/.test(spec?.schedule ?? '')
      ? [`CRON_TZ or TZ used in spec.schedule is not officially supported, see ${page} for more details`]
      : []),
  ]
}
