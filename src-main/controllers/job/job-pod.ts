/** The pods of a Job, and what is written on them. */
import { job as jobKind } from '../../api/kinds/batch/job.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Job } from '../../api/types/batch-v1.ts'
import type { Container, Pod } from '../../api/types/core-v1.ts'
import { podFromTemplate } from '../pod-control.ts'

/** Keeps a pod until its end has been counted. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
const indexKey = 'batch.kubernetes.io/job-completion-index'
const failuresKey = 'batch.kubernetes.io/job-index-failure-count'
const ignoredKey = 'batch.kubernetes.io/job-index-ignored-failure-count'
const indexVariable = 'JOB_COMPLETION_INDEX'
/** The server appends a few characters of its own, and cuts what does not fit. */
const longestPrefix = 58

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed'
export const isTracked = ({ metadata }: Pod): boolean => metadata?.finalizers?.includes(trackingFinalizer) === true

export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata?.annotations?.[indexKey]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

const countOf = ({ metadata }: Pod, key: string): number => {
  const count = Number(metadata?.annotations?.[key] ?? '0')
  return Number.isInteger(count) && count > 0 ? count : 0
}

/** How often the index had failed before this pod. */
export interface IndexHistory {
  readonly failures: number
  readonly ignored: number
}

export const historyOf = (pod: Pod): IndexHistory => ({
  failures: countOf(pod, failuresKey),
  ignored: countOf(pod, ignoredKey),
})

export interface WantedPod {
  /** Absent for jobs without indexes. */
  readonly index?: number
  /** With a backoff limit for each index. */
  readonly history?: IndexHistory
}

export function jobPod(job: Live<Job>, { index, history }: WantedPod): Pod {
  const template = job.spec?.template ?? {}
  const own = (template.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== trackingFinalizer)
  const finalizers = [...own, trackingFinalizer]
  const pod = podFromTemplate({ ...template, metadata: { ...template.metadata, finalizers } }, job, jobKind)
  if (index === undefined) return pod
  const text = String(index)
  const spec = pod.spec ?? { containers: [] }
  const counts =
    history === undefined
      ? {}
      : {
          [failuresKey]: String(history.failures),
          ...(history.ignored === 0 ? {} : { [ignoredKey]: String(history.ignored) }),
        }
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: prefixOf(job.metadata.name, text),
      labels: { ...pod.metadata?.labels, [indexKey]: text },
      annotations: { ...pod.metadata?.annotations, [indexKey]: text, ...counts },
    },
    spec: {
      ...spec,
      hostname: `${job.metadata.name}-${text}`,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withIndex) }),
    },
  }
}

/** The index stays readable however long the job's name is. */
function prefixOf(name: string, index: string): string {
  const end = `-${index}-`
  return `${name.slice(0, longestPrefix - end.length)}${end}`
}

function withIndex(container: Container): Container {
  const env = container.env ?? []
  if (env.some(({ name }) => name === indexVariable)) return container
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } }
  return { ...container, env: [...env, { name: indexVariable, valueFrom }] }
}
