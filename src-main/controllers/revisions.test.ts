import { describe, expect, it } from 'vitest'
import { daemonSet } from '../api/kinds/apps/daemon-set.ts'
import type { Live } from '../api/meta/object.ts'
import type { ControllerRevision, DaemonSet } from '../api/types/apps-v1.ts'
import { planRevision, revisionData, superfluousRevisions } from './revisions.ts'
import { ago, aTemplate } from './test-objects.ts'

const meta = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: ago(9),
})
const object: Live<DaemonSet> = { metadata: meta('agent') }
const revision = (name: string, number: number, image: string): Live<ControllerRevision> => ({
  metadata: meta(name),
  data: revisionData(aTemplate(image)),
  revision: number,
})
const plan = (image: string, revisions: Live<ControllerRevision>[]) =>
  planRevision({ kind: daemonSet, object, template: aTemplate(image), collisionCount: undefined }, revisions)

describe('the revisions of a workload', () => {
  it('begin with the template as it is', () => {
    expect(plan('web:1', [])).toMatchObject({
      type: 'create',
      revision: { revision: 1, metadata: { ownerReferences: [{ kind: 'DaemonSet', name: 'agent' }] } },
    })
  })

  it('hold the template in the order in which Go writes it', () => {
    const template = {
      spec: { containers: [{ name: 'a', image: 'b', args: ['<&>'] }] },
      metadata: { labels: { b: '1', a: '2' } },
    }
    expect(JSON.stringify(revisionData(template))).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"2","b":"1"}},"spec":{"containers":[{"args":["<&>"],"image":"b","name":"a"}]}}}}',
    )
  })

  it('count on when the template changes, and renumber an earlier one that is wanted again', () => {
    const known = [revision('a', 1, 'web:1'), revision('b', 2, 'web:2')]
    expect(plan('web:3', known)).toMatchObject({ type: 'create', revision: { revision: 3 } })
    expect(plan('web:2', known)).toMatchObject({ type: 'current', revision: { revision: 2 } })
    expect(plan('web:1', known)).toMatchObject({ type: 'renumber', revision: { metadata: { name: 'a' } }, to: 3 })
  })

  it('beyond the limit go, oldest first, unless a pod runs them', () => {
    const known = [1, 2, 3, 4].map((number) => revision(`r${number}`, number, `web:${number}`))
    const gone = superfluousRevisions(known, 1, ({ revision: number }) => number === 1 || number === 4)
    expect(gone.map(({ metadata }) => metadata.name)).toEqual(['r2'])
  })
})
