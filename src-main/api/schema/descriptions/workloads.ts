import type { Texts } from './texts.ts'

const apps = 'io.k8s.api.apps.v1.'
const batch = 'io.k8s.api.batch.v1.'
const core = 'io.k8s.api.core.v1.'

const minReadySeconds = 'How long a pod must be ready before it counts as available.'
const revisionHistoryLimit = 'How many old revisions are kept to go back to.'
const selector = 'Which pods belong to it; must match the labels of the template.'
const template = 'What its pods are like.'
const replicas = 'How many pods are wanted.'
const conditions = 'What holds of it at the moment.'
const observedGeneration = 'The generation that its controller has last acted upon.'
const readyReplicas = 'How many pods are ready.'
const availableReplicas = 'How many pods have been ready for long enough.'
const allReplicas = 'How many pods there are.'

export const workloadTexts: Texts = {
  [`${apps}Deployment`]: ['Keeps a number of like pods running, and replaces them step by step when they change.'],
  [`${apps}DeploymentSpec`]: [
    'How many pods, what they are like, and how they are replaced.',
    {
      ...{ minReadySeconds, revisionHistoryLimit, selector, template, replicas },
      paused: 'Whether changes of the template wait.',
      progressDeadlineSeconds: 'How long a change may make no progress before it counts as failed.',
      strategy: 'How old pods are replaced by new ones.',
    },
  ],
  [`${apps}DeploymentStatus`]: [
    'How far a deployment is.',
    {
      ...{ conditions, observedGeneration, readyReplicas, availableReplicas },
      replicas: allReplicas,
      unavailableReplicas: 'How many pods are missing yet.',
      updatedReplicas: 'How many pods are of the newest template.',
      terminatingReplicas: 'How many pods are ending.',
    },
  ],
  [`${apps}DeploymentStrategy`]: [
    'How old pods are replaced by new ones.',
    {
      rollingUpdate: 'How many pods more or fewer there may be meanwhile.',
      type: 'RollingUpdate, or Recreate: first all old ones go.',
    },
  ],
  [`${apps}ReplicaSet`]: ['Keeps a number of like pods running.'],
  [`${apps}ReplicaSetSpec`]: [
    'How many pods, and what they are like.',
    { minReadySeconds, replicas, selector, template },
  ],
  [`${apps}ReplicaSetStatus`]: [
    'How many pods there are.',
    { conditions, observedGeneration, readyReplicas, availableReplicas, replicas: allReplicas },
  ],
  [`${apps}StatefulSet`]: ['Keeps pods with lasting names and volumes of their own, numbered from zero.'],
  [`${apps}StatefulSetSpec`]: [
    'How many pods, what they are like, and what each keeps.',
    {
      ...{ minReadySeconds, revisionHistoryLimit, selector, template, replicas },
      ordinals: 'The number of the first pod.',
      persistentVolumeClaimRetentionPolicy: 'Whether claims go with the set, or with pods that it no longer wants.',
      podManagementPolicy: 'Whether pods start and end one after the other, or all at once.',
      serviceName: 'The headless service that gives the pods their names in the DNS.',
      updateStrategy: 'How pods are replaced when the template changes.',
      volumeClaimTemplates: 'Claims that each pod gets and keeps.',
    },
  ],
  [`${apps}DaemonSet`]: ['Keeps one pod on every node, or on those that are chosen.'],
  [`${apps}DaemonSetSpec`]: [
    'What the pods are like, and how they are replaced.',
    {
      ...{ minReadySeconds, revisionHistoryLimit, selector, template },
      updateStrategy: 'How pods are replaced when the template changes.',
    },
  ],
  [`${batch}Job`]: ['Runs pods until enough of them have succeeded.'],
  [`${batch}JobSpec`]: [
    'What is run, how often, and what counts as success and failure.',
    {
      ...{ selector, template },
      activeDeadlineSeconds: 'How long the job may take.',
      backoffLimit: 'How many failures of pods it bears.',
      backoffLimitPerIndex: 'How many failures of pods it bears for each index.',
      completionMode: 'NonIndexed, or Indexed: each success is that of one index.',
      completions: 'How many successes are wanted.',
      managedBy: 'Who looks after the job, if not the cluster.',
      manualSelector: 'Whether the selector is the user’s own.',
      maxFailedIndexes: 'How many indexes may fail.',
      parallelism: 'How many pods run at once.',
      podFailurePolicy: 'Which failures count, end the job, or are ignored.',
      podReplacementPolicy: 'Whether a pod is replaced while it still ends.',
      successPolicy: 'Which indexes are enough.',
      suspend: 'Whether the job waits.',
      ttlSecondsAfterFinished: 'How long the job is kept once it has finished.',
    },
  ],
  [`${batch}JobStatus`]: [
    'How far a job is.',
    {
      conditions,
      active: 'How many pods run or wait.',
      completedIndexes: 'Indexes that have succeeded.',
      completionTime: 'When it succeeded.',
      failed: 'How many pods have failed.',
      failedIndexes: 'Indexes that have failed for good.',
      ready: 'How many pods are ready.',
      startTime: 'When it started.',
      succeeded: 'How many pods have succeeded.',
      terminating: 'How many pods are ending.',
    },
  ],
  [`${batch}CronJob`]: ['Makes jobs at given times.'],
  [`${batch}CronJobSpec`]: [
    'When jobs are made, and what they are like.',
    {
      concurrencyPolicy: 'What happens when the last job still runs: Allow, Forbid or Replace.',
      failedJobsHistoryLimit: 'How many failed jobs are kept.',
      jobTemplate: 'What its jobs are like.',
      schedule: 'The times, as five fields of cron.',
      startingDeadlineSeconds: 'How late a job may start; later it is left out.',
      successfulJobsHistoryLimit: 'How many jobs that succeeded are kept.',
      suspend: 'Whether no more jobs are made for now.',
      timeZone: 'The time zone of the schedule, such as Europe/Berlin.',
    },
  ],
  [`${core}ReplicationController`]: ['Keeps a number of like pods running; the forerunner of the replica set.'],
  [`${core}ReplicationControllerSpec`]: [
    'How many pods, and what they are like.',
    { minReadySeconds, replicas, selector, template },
  ],
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler': ['Changes the number of pods with their load.'],
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec': [
    'What is scaled, between which bounds, and by which metrics.',
    {
      behavior: 'How fast it may go, up and down.',
      maxReplicas: 'The most pods.',
      metrics: 'What the number of pods follows.',
      minReplicas: 'The fewest pods.',
      scaleTargetRef: 'What is scaled.',
    },
  ],
  'io.k8s.api.policy.v1.PodDisruptionBudget': ['Limits how many pods may be evicted at once.'],
  'io.k8s.api.policy.v1.PodDisruptionBudgetSpec': [
    'Which pods, and how many of them must stay.',
    {
      selector,
      maxUnavailable: 'How many pods may be missing, or what share of them.',
      minAvailable: 'How many pods must stay, or what share of them.',
      unhealthyPodEvictionPolicy: 'Whether pods that are not ready may always be evicted.',
    },
  ],
}
