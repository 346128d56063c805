/** An API server with a webhook server behind the service `default/hook`, for tests of admission. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
} from '../../src-main/api/kinds/admissionregistration/webhook-configurations.ts'
import type { MutatingWebhook } from '../../src-main/api/types/admissionregistration-v1.ts'
import type { ApiServerOptions } from '../../src-main/apiserver/apiserver.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { publish, type ClusterServers } from './cluster-servers.ts'

/** The request of an AdmissionReview, as far as tests look at it. */
export interface ReviewRequest {
  readonly uid: string
  readonly operation: string
  readonly name?: string
  readonly namespace?: string
  readonly subResource?: string
  readonly dryRun: boolean
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string }
  readonly requestKind: object
  readonly userInfo: { readonly username: string; readonly groups: readonly string[] }
  readonly object: ReviewedObject | null
  readonly oldObject: ReviewedObject | null
  readonly options: object | null
}
export interface ReviewedObject {
  readonly metadata?: { readonly name?: string; readonly labels?: Record<string, string> }
  readonly data?: Record<string, string>
  readonly [field: string]: unknown
}

/** The fields of the answer beside its uid; a string goes out as it is; undefined: no answer ever. */
export type Judge = (request: ReviewRequest) => object | string | undefined | Promise<object>

export interface WebhookLab extends TestServer {
  /** Every question, with the path at which it was asked. */
  readonly asked: { readonly path: string; readonly request: ReviewRequest }[]
  /** Who answers at a path. */
  at(path: string, judge: Judge): void
  validating(name: string, ...webhooks: Partial<MutatingWebhook>[]): Promise<void>
  mutating(name: string, ...webhooks: Partial<MutatingWebhook>[]): Promise<void>
}

export async function openWebhookLab(
  servers: ClusterServers,
  options: Partial<ApiServerOptions> = {},
): Promise<WebhookLab> {
  const judges = new Map<string, Judge>()
  const asked: WebhookLab['asked'] = []
  const server = await servers.start((message, response) => void answer(message, response))
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
    const { request } = JSON.parse(Buffer.concat(chunks).toString()) as { request: ReviewRequest }
    const [path = ''] = (message.url ?? '').split('?')
    asked.push({ path, request })
    const said = await judges.get(path)?.(request)
    if (said === undefined) return
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }
    response.end(
      typeof said === 'string' ? said : JSON.stringify({ ...review, response: { uid: request.uid, ...said } }),
    )
  }
  const test = await startTestServer({ nodeAgents: servers.nodeAgents, ...options })
  await publish(test.client, { namespace: 'default', name: 'hook' }, server)
  const complete = (webhooks: readonly Partial<MutatingWebhook>[], configuration: string): MutatingWebhook[] =>
    webhooks.map((webhook, index) => ({
      name: `w${index}.${configuration}.example.com`,
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: aHook(servers, `/${configuration}`),
      ...webhook,
    }))
  return {
    ...test,
    asked,
    at: (path, judge) => void judges.set(path, judge),
    async validating(name, ...webhooks) {
      const object = { metadata: { name }, webhooks: complete(webhooks, name) }
      await test.client.create(validatingWebhookConfiguration, object)
    },
    async mutating(name, ...webhooks) {
      await test.client.create(mutatingWebhookConfiguration, { metadata: { name }, webhooks: complete(webhooks, name) })
    },
  }
}

export const aHook = ({ caBundle }: ClusterServers, path: string): MutatingWebhook['clientConfig'] => ({
  caBundle,
  service: { namespace: 'default', name: 'hook', path },
})

/** An answer that changes the object. */
export const patched = (...operations: object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
})
