/** What may be configured, in the words of `kubescheduler.config.k8s.io/v1`. */
import type { TlsSettings } from '../extenders/post.ts'
import { defaultPlugins, type Plugins } from '../plugins.ts'

export interface Profile {
  readonly schedulerName: string
  readonly plugins: Plugins
  /** 0: by the size of the cluster. */
  readonly percentageOfNodesToScore: number
  readonly preemption: PreemptionLimits
  /** How long the volumes of a pod may take to be bound. */
  readonly bindTimeoutSeconds: number
}

/** How many nodes are tried for preemption: the percentage, but at least so many. */
export interface PreemptionLimits {
  readonly enabled: boolean
  readonly minCandidateNodesPercentage: number
  readonly minCandidateNodesAbsolute: number
}

export interface ExtenderSettings {
  readonly urlPrefix: string
  readonly filterVerb: string
  readonly prioritizeVerb: string
  readonly preemptVerb: string
  readonly bindVerb: string
  readonly weight: number
  readonly httpTimeoutMs: number
  /** Nodes are named instead of sent whole. */
  readonly nodeCacheCapable: boolean
  /** Only pods that ask for one of these are its business; none: all are. */
  readonly managedResources: readonly { readonly name: string; readonly ignoredByScheduler: boolean }[]
  /** Pods are scheduled without it when it cannot be asked. */
  readonly ignorable: boolean
  /** How to speak with one that is reached by HTTPS; absent: as with any. */
  readonly tls?: TlsSettings
}

export interface SchedulerConfiguration {
  readonly profiles: readonly Profile[]
  readonly extenders: readonly ExtenderSettings[]
  readonly podInitialBackoffSeconds: number
  readonly podMaxBackoffSeconds: number
}

export const defaultSchedulerName = 'default-scheduler'

export const defaultProfile: Profile = {
  schedulerName: defaultSchedulerName,
  plugins: defaultPlugins,
  percentageOfNodesToScore: 0,
  preemption: { enabled: true, minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
  bindTimeoutSeconds: 600,
}

export const defaultConfiguration: SchedulerConfiguration = {
  profiles: [defaultProfile],
  extenders: [],
  podInitialBackoffSeconds: 1,
  podMaxBackoffSeconds: 10,
}
