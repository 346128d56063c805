/** A handler that serves a few pods: as little as kubectl needs to talk to it. */
import { defineKind, type Kind } from '../../src-main/api/define-kind.ts'
import { notFound, pathNotFound } from '../../src-main/api/errors.ts'
import type { DynamicObject } from '../../src-main/api/meta/object.ts'
import { createNonResourceHandler } from '../../src-main/apiserver/handlers/nonresource.ts'
import type { Answer, AnswerContext, Handler, ServerRequest, StoredObject } from '../../src-main/apiserver/request.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'

const definition = defineKind<DynamicObject>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  short: ['po'],
  scope: 'Namespaced',
  columns: [
    { name: 'Status', type: 'string', cell: (pod) => (pod['status'] as { phase: string }).phase },
    { name: 'Node', type: 'string', priority: 1, cell: (pod) => (pod['spec'] as { nodeName: string }).nodeName },
  ],
})
export const podKind = definition as Kind

export const podsPath = '/api/v1/namespaces/default/pods'

export function aStoredPod(name: string, revision: number, more: Partial<DynamicObject> = {}): StoredObject {
  const object: DynamicObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: String(revision),
      creationTimestamp: new Date(systemClock.now() - 90_000).toISOString(),
    },
    spec: { nodeName: 'worker-1', containers: [{ name: 'main', image: 'web' }] },
    status: { phase: 'Running' },
    ...more,
  }
  return { object, revision, bytes: () => Buffer.from(JSON.stringify(object)) }
}

/** `extra` answers first; undefined leaves the request to the pods. */
export function podServer(
  names: readonly string[],
  extra: (request: ServerRequest, context: AnswerContext) => Promise<Answer | undefined>,
): Handler {
  const kinds = [podKind]
  const nonResource = createNonResourceHandler({
    kinds: {
      all: () => kinds,
      find: (_group, _version, plural) => kinds.find((kind) => kind.plural === plural),
      findByName: (_apiVersion, name) => kinds.find(({ kind }) => kind === name),
      isBuiltIn: () => true,
      onChange: () => ({ dispose: () => undefined }),
    },
    ready: () => true,
    openApi: () => ({
      ...{ openapi: '3.0.0', info: { title: 'pods', version: '0' }, paths: {}, components: { schemas: {} } },
    }),
  })
  return async (request, context) => {
    const answer = (await extra(request, context)) ?? nonResource(request)
    if (answer !== undefined) return answer
    if (request.path === podsPath)
      return {
        type: 'list',
        kind: podKind,
        items: names.map((name, index) => aStoredPod(name, index + 5)),
        resourceVersion: String(names.length + 5),
      }
    if (!request.path.startsWith(`${podsPath}/`)) throw pathNotFound()
    const name = request.path.slice(podsPath.length + 1)
    if (!names.includes(name)) throw notFound({ group: '', plural: 'pods' }, name)
    return { type: 'object', code: 200, kind: podKind, stored: aStoredPod(name, names.indexOf(name) + 5) }
  }
}
