import { describe, expect, it } from 'vitest'
import type { Deployment, DeploymentSpec } from '../../types/apps-v1.ts'
import { deployment } from './deployment.ts'
import { replicaSet } from './replica-set.ts'

const labels = { app: 'web' }

function aDeployment(spec: Partial<DeploymentSpec> = {}): Deployment {
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'web:1' }] } }
  const draft: Deployment = {
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  }
  deployment.defaults?.(draft)
  return draft
}

const errorsOf = (spec: Partial<DeploymentSpec>): string[] =>
  (deployment.validate?.(aDeployment(spec)) ?? []).map(({ path, type }) => `${type.replace('FieldValue', '')} ${path}`)

describe('a deployment', () => {
  it('rolls a quarter at a time unless told otherwise', () => {
    expect(aDeployment().spec).toMatchObject({
      progressDeadlineSeconds: 600,
      replicas: 1,
      revisionHistoryLimit: 10,
      strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' },
    })
    expect(aDeployment({ strategy: { type: 'Recreate' } }).spec?.strategy).toEqual({ type: 'Recreate' })
    expect(aDeployment({ replicas: 0 }).spec?.replicas).toBe(0)
  })

  it('completes its template but leaves out what only pods have', () => {
    const template = aDeployment().spec?.template.spec
    expect(template).toMatchObject({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst' })
    expect(template).not.toHaveProperty('enableServiceLinks')
  })

  it.each<[string, Partial<DeploymentSpec>, string[]]>([
    ['nothing more', {}, []],
    ['a negative count', { replicas: -1 }, ['Invalid spec.replicas']],
    ['an empty selector', { selector: {} }, ['Invalid spec.selector']],
    [
      'a selector that its pods do not match',
      { selector: { matchLabels: { app: 'db' } } },
      ['Invalid spec.template.metadata.labels'],
    ],
    [
      'a selector of no known operator',
      { selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
      ['Invalid spec.selector.matchExpressions[0].operator', 'Invalid spec.selector'],
    ],
    [
      'pods that end',
      { template: { metadata: { labels }, spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } },
      ['NotSupported spec.template.spec.restartPolicy'],
    ],
    [
      'pods without containers',
      { template: { metadata: { labels }, spec: { containers: [] } } },
      ['Required spec.template.spec.containers'],
    ],
    [
      'a rolling update of zero',
      { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      ['Invalid spec.strategy.rollingUpdate.maxUnavailable'],
    ],
    [
      'a share of no number',
      { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 'half' } } },
      ['Invalid spec.strategy.rollingUpdate.maxSurge'],
    ],
    [
      'more than all',
      { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '101%' } } },
      ['Invalid spec.strategy.rollingUpdate.maxUnavailable'],
    ],
    [
      'recreation that rolls',
      { strategy: { type: 'Recreate', rollingUpdate: {} } },
      ['Forbidden spec.strategy.rollingUpdate'],
    ],
    ['an unknown strategy', { strategy: { type: 'Fast' } }, ['NotSupported spec.strategy']],
    ['a deadline before it is ready', { minReadySeconds: 600 }, ['Invalid spec.progressDeadlineSeconds']],
  ])('with %s has the errors', (_, spec, errors) => expect(errorsOf(spec)).toEqual(errors))

  it('keeps its selector', () => {
    const other = aDeployment({ selector: { matchLabels: { app: 'db' } } })
    expect(deployment.validateUpdate?.(other, aDeployment())).toMatchObject([
      { path: 'spec.selector', detail: 'field is immutable' },
    ])
    expect(deployment.validateUpdate?.(aDeployment({ replicas: 5 }), aDeployment())).toEqual([])
  })

  it('shows how far it is', () => {
    const object = {
      ...aDeployment({ replicas: 3 }),
      status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
    }
    const cells = Object.fromEntries((deployment.columns ?? []).map((column) => [column.name, column.cell(object, 0)]))
    expect(cells).toMatchObject({
      Name: 'web',
      Ready: '2/3',
      'Up-to-date': 3,
      Available: 1,
      Containers: 'a',
      Images: 'web:1',
      Selector: 'app=web',
    })
  })
})

it('a replica set has the same rules for its pods', () => {
  const { replicas: _replicas, ...spec } = aDeployment({ selector: { matchLabels: { app: 'db' } } }).spec!
  const errors = replicaSet.validate?.({ spec: { ...spec, replicas: -1 } }) ?? []
  expect(errors.map(({ path }) => path)).toEqual(['spec.replicas', 'spec.template.metadata.labels'])
})
