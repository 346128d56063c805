import { describe, expect, it } from 'vitest'
import type { Kind } from '../../../api/define-kind.ts'
import { deployment } from '../../../api/kinds/apps/deployment.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import { silentLog } from '../../../lib/log.ts'
import { VirtualClock } from '../../../lib/virtual-clock.ts'
import { MemoryStore } from '../../../store/memory.ts'
import { createAuthorizer } from '../../authorization/authorizer.ts'
import { WatchCache } from '../../cache/watch-cache.ts'
import type { AdmissionRequest } from '../admission.ts'
import { checkMatchConditions, compileMatchConditions, type ConditionResult } from './match-conditions.ts'

const object: DynamicObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 3 },
}
const aRequest = (request: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  ...{ operation: 'CREATE', kind: deployment as Kind, subresource: '', namespace: 'default', name: 'web', object },
  ...{ user: { name: 'alice', groups: ['dev'] }, previous: undefined, dryRun: false, warn: () => undefined },
  ...request,
})

async function evaluate(
  expressions: readonly string[],
  request: Partial<AdmissionRequest> = {},
): Promise<ConditionResult> {
  const options = { store: new MemoryStore(), clock: new VirtualClock(), log: silentLog, indexedFields: {} }
  const conditions = expressions.map((expression, index) => ({ name: `c${index}`, expression }))
  const cache = await WatchCache.start(options)
  const sources = { cache, authorizer: createAuthorizer(cache) }
  return compileMatchConditions(conditions).evaluate(aRequest(request), deployment as Kind, sources)
}

describe('match conditions', () => {
  it.each([
    ['object.spec.replicas == 3'],
    ['oldObject == null'],
    [
      'request.operation == "CREATE" && request.kind.kind == "Deployment" && request.resource.resource == "deployments"',
    ],
    ['request.userInfo.username == "alice" && "dev" in request.userInfo.groups'],
    ['!has(request.subResource) && request.namespace == "default" && request.name == "web" && !request.dryRun'],
    ['!authorizer.group("apps").resource("deployments").namespace("default").check("delete").allowed()'],
    ['!authorizer.requestResource.check("create").allowed()'],
    ['!authorizer.path("/nope").check("get").allowed()'],
  ])('match: %s', async (expression) => {
    expect(await evaluate([expression])).toEqual({ result: 'match' })
  })

  it('must all be true', async () => {
    expect(await evaluate(['true', 'object.spec.replicas > 5'])).toEqual({ result: 'no-match', condition: 'c1' })
  })

  it('see no object in a deletion, but the old one', async () => {
    const request = { operation: 'DELETE', previous: object } as const
    expect(await evaluate(['object == null && oldObject.spec.replicas == 3'], request)).toEqual({ result: 'match' })
  })

  it('fail when one has no value and none is false', async () => {
    const failing = 'object.spec.nope > 1'
    expect(await evaluate([failing])).toEqual({ result: 'error', message: 'match condition "c0": no such key: nope' })
    expect(await evaluate([failing, 'false'])).toEqual({ result: 'no-match', condition: 'c1' })
  })

  it('match everything when there are none', async () => {
    expect(await evaluate([])).toEqual({ result: 'match' })
  })

  it.each([
    ['object.spec.replicas >', /compilation failed: ERROR: <input>:1:/],
    ['1 + 1', /^must evaluate to bool$/],
    ['params == null', /undeclared reference to 'params'/],
    ['request.nope == ""', /undefined field 'nope'/],
  ])('are refused when they are wrong: %s', (expression, problem) => {
    expect(checkMatchConditions('webhooks[0].matchConditions', [{ name: 'c', expression }])).toMatchObject([
      {
        path: 'webhooks[0].matchConditions[0].expression',
        value: expression,
        detail: expect.stringMatching(problem) as string,
      },
    ])
  })
})
