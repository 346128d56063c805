/** The webhooks that are configured now, read once for every state of their configurations. */
import type { Kind } from '../../api/define-kind.ts'
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  WebhookClientConfig,
} from '../../api/types/admissionregistration-v1.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { compileMatchConditions, type MatchConditions } from '../admission/match/match-conditions.ts'
import { compileMatchResources, type MatchSources } from '../admission/match/match-resources.ts'
import type { ResourceCache } from '../cache/resource-cache.ts'

export interface Webhook {
  readonly name: string
  /** Tells it from all others. */
  readonly id: string
  readonly clientConfig: WebhookClientConfig
  readonly timeoutMs: number
  /** A call that fails lets the request pass. */
  readonly failOpen: boolean
  /** May be asked about a write that will not happen. */
  readonly dryRuns: boolean
  /** Wants to see what later plugins have changed. */
  readonly reinvoked: boolean
  /** The kind through which the webhook is about the request; undefined: it is not. */
  match(request: AdmissionRequest, sources: MatchSources): Kind | undefined
  readonly conditions: MatchConditions
}

/** In the order in which they are called: by the names of their configurations, then as they stand there. */
export class WebhookIndex {
  private readonly configurations: ResourceCache
  private webhooks: readonly Webhook[] = []
  private readAt: number | undefined

  constructor(configurations: ResourceCache) {
    this.configurations = configurations
  }

  all(): readonly Webhook[] {
    const { size, lastChange } = this.configurations
    if (size === 0) return none
    if (this.readAt !== lastChange) {
      this.webhooks = this.configurations
        .list({})
        .flatMap(({ key, object }) => webhooksOf(key, object as MutatingWebhookConfiguration))
      this.readAt = lastChange
    }
    return this.webhooks
  }
}

const none: readonly Webhook[] = []

function webhooksOf(configuration: string, { webhooks = [] }: MutatingWebhookConfiguration): Webhook[] {
  return webhooks.map((webhook, index) => compiled(webhook, `${configuration}/${webhook.name}/${index}`))
}

function compiled(webhook: MutatingWebhook, id: string): Webhook {
  const { name, clientConfig, rules = [], sideEffects } = webhook
  const { namespaceSelector = {}, objectSelector = {}, matchPolicy = 'Equivalent', timeoutSeconds = 10 } = webhook
  const matcher = compileMatchResources({ resourceRules: rules, namespaceSelector, objectSelector, matchPolicy })
  return {
    ...{ name, id, clientConfig },
    conditions: compileMatchConditions(webhook.matchConditions),
    timeoutMs: timeoutSeconds * 1000,
    failOpen: webhook.failurePolicy === 'Ignore',
    dryRuns: sideEffects === 'None' || sideEffects === 'NoneOnDryRun',
    reinvoked: webhook.reinvocationPolicy === 'IfNeeded',
    match: (request, sources) => (rules.length === 0 ? undefined : matcher.match(request, sources)),
  }
}
