import { beforeAll, describe, expect, it } from 'vitest'
import type { Kind } from '../../../api/define-kind.ts'
import { kinds } from '../../../api/kinds/index.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { MatchResources, NamedRuleWithOperations } from '../../../api/types/admissionregistration-v1.ts'
import { silentLog } from '../../../lib/log.ts'
import { VirtualClock } from '../../../lib/virtual-clock.ts'
import { MemoryStore } from '../../../store/memory.ts'
import { WatchCache } from '../../cache/watch-cache.ts'
import { createKindRegistry } from '../../registered-kinds.ts'
import type { AdmissionRequest } from '../admission.ts'
import { isExempt } from './exempt.ts'
import { compileMatchResources, type MatchSources } from './match-resources.ts'
import { ruleMatches } from './rules.ts'

const kindOf = (apiVersion: string, name: string): Kind =>
  kinds.find((kind) => kind.apiVersion === apiVersion && kind.kind === name)!
const deployment = kindOf('apps/v1', 'Deployment')

const aRule = (rule: NamedRuleWithOperations = {}): NamedRuleWithOperations => ({
  ...{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] },
  ...rule,
})

const aRequest = (request: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  ...{ operation: 'CREATE', kind: deployment, subresource: '', namespace: 'default', name: 'web', dryRun: false },
  ...{ user: { name: 'alice', groups: [] }, object: {}, previous: undefined, warn: () => undefined },
  ...request,
})

describe('a rule', () => {
  const cases: [string, NamedRuleWithOperations, Partial<AdmissionRequest>, boolean][] = [
    ['names operation, group, version and resource', {}, {}, true],
    ['is not about another operation', {}, { operation: 'DELETE' }, false],
    ['is about all operations with *', { operations: ['*'] }, { operation: 'CONNECT' }, true],
    ['is not about a subresource unless it says so', {}, { subresource: 'scale' }, false],
    ['names a subresource', { resources: ['deployments/scale'] }, { subresource: 'scale' }, true],
    ['names all parts of a resource', { resources: ['deployments/*'] }, { subresource: 'scale' }, true],
    ['names the resource itself with all its parts', { resources: ['deployments/*'] }, {}, true],
    ['means no subresource with *', { resources: ['*'] }, { subresource: 'scale' }, false],
    ['means everything with */*', { resources: ['*/*'] }, { subresource: 'scale' }, true],
    ['names one subresource of all', { resources: ['*/scale'] }, { subresource: 'scale' }, true],
    ['is about one scope', { scope: 'Cluster' }, {}, false],
    ['is about namespaced objects', { scope: 'Namespaced' }, {}, true],
    ['names objects', { resourceNames: ['api'] }, {}, false],
    ['names this object', { resourceNames: ['api', 'web'] }, {}, true],
    ['without operations is about nothing', { operations: [] }, {}, false],
  ]
  it.each(cases)('%s', (_name, rule, request, expected) => {
    expect(ruleMatches(aRule(rule), aRequest(request))).toBe(expected)
  })

  it('takes a Namespace for an object of the cluster', () => {
    const rule = aRule({ apiGroups: [''], resources: ['namespaces'], scope: 'Cluster' })
    expect(ruleMatches(rule, aRequest({ kind: kindOf('v1', 'Namespace'), namespace: 'shop', name: 'shop' }))).toBe(true)
  })
})

describe('matching resources', () => {
  let sources: MatchSources
  beforeAll(async () => {
    const store = new MemoryStore()
    const value = (object: DynamicObject): Uint8Array => new TextEncoder().encode(JSON.stringify(object))
    const shop = { metadata: { name: 'shop', labels: { env: 'prod' } } }
    await store.commit([{ type: 'put', key: '/registry/core/namespaces/shop', value: value(shop), expected: 0 }], {
      actor: 'test',
    })
    const cache = await WatchCache.start({ store, clock: new VirtualClock(), log: silentLog, indexedFields: {} })
    sources = { cache, kinds: createKindRegistry(kinds) }
  })
  const match = (resources: MatchResources, request: Partial<AdmissionRequest> = {}): string | undefined =>
    compileMatchResources(resources).match(aRequest(request), sources)?.apiVersion

  it('takes everything without rules', () => {
    expect(match({})).toBe('apps/v1')
  })

  it('leaves out what is excluded', () => {
    expect(match({ resourceRules: [aRule()], excludeResourceRules: [aRule()] })).toBeUndefined()
  })

  it('finds a rule for another version of the same resource, unless it must be exact', () => {
    const resourceRules = [aRule({ apiGroups: ['events.k8s.io'], resources: ['events'] })]
    const request = { kind: kindOf('v1', 'Event') }
    expect(match({ resourceRules }, request)).toBe('events.k8s.io/v1')
    expect(match({ resourceRules, matchPolicy: 'Exact' }, request)).toBeUndefined()
  })

  it('looks at the labels of the namespace', () => {
    const prod = { namespaceSelector: { matchLabels: { env: 'prod' } } }
    const dev = { namespaceSelector: { matchLabels: { env: 'dev' } } }
    expect(match(prod, { namespace: 'shop' })).toBe('apps/v1')
    expect(match(dev, { namespace: 'shop' })).toBeUndefined()
    expect(match(dev, { namespace: '', kind: kindOf('v1', 'Node') })).toBe('v1')
    const labelled = { metadata: { labels: { env: 'dev' } } }
    expect(match(dev, { kind: kindOf('v1', 'Namespace'), namespace: 'shop', name: 'shop', object: labelled })).toBe(
      'v1',
    )
    expect(() => match(prod, { namespace: 'nope' })).toThrow('namespaces "nope" not found')
  })

  it('looks at the labels of the object as it was and as it is to be', () => {
    const red = { objectSelector: { matchLabels: { colour: 'red' } } }
    const object = { metadata: { labels: { colour: 'red' } } }
    expect(match(red, { object })).toBe('apps/v1')
    expect(match(red, { previous: object })).toBe('apps/v1')
    expect(match(red, { operation: 'DELETE', object, previous: object })).toBe('apps/v1')
    expect(match(red, {})).toBeUndefined()
  })
})

describe('the configuration of admission', () => {
  it('is exempt from it', () => {
    expect(isExempt(kindOf('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'))).toBe(true)
    expect(isExempt(deployment)).toBe(false)
  })
})
