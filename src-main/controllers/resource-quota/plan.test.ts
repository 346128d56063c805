import { describe, expect, it } from 'vitest'
import type { ResourceQuota } from '../../api/types/core-v1.ts'
import { aPod, nowMs } from '../test-objects.ts'
import { countedResources, planQuotaStatus, type CountedObjects } from './plan.ts'

const quota = (hard: Record<string, string>, used?: Record<string, string>): ResourceQuota => ({
  metadata: { name: 'q' },
  spec: { hard },
  ...(used === undefined ? {} : { status: { used } }),
})
const pods = (...names: string[]): CountedObjects => ({
  resource: { group: '', plural: 'pods' },
  objects: names.map((name) => ({ ...aPod(name) })),
})

describe('the status of a quota', () => {
  it.each<[string, ResourceQuota, CountedObjects[], Record<string, string>]>([
    ['counts what is there', quota({ pods: '5' }), [pods('a', 'b')], { pods: '2' }],
    [
      'says when there is nothing',
      quota({ pods: '5', 'requests.cpu': '1' }),
      [pods()],
      { pods: '0', 'requests.cpu': '0' },
    ],
    [
      'says nothing of what nobody can count',
      quota({ pods: '5', 'count/things.example.com': '1' }),
      [pods()],
      { pods: '0' },
    ],
    [
      'but what it last knew of it',
      quota({ 'count/things.example.com': '1' }, { 'count/things.example.com': '4', 'count/others.example.com': '2' }),
      [],
      { 'count/things.example.com': '4' },
    ],
  ])('%s', (_case, given, counted, used) => {
    expect(planQuotaStatus(given, counted, nowMs)).toEqual({ hard: given.spec?.hard, used })
  })

  it('needs every resource once', () => {
    expect(countedResources(quota({ pods: '1', 'requests.cpu': '1', 'count/jobs.batch': '1', widgets: '1' }))).toEqual([
      { group: '', plural: 'pods' },
      { group: 'batch', plural: 'jobs' },
    ])
  })
})
