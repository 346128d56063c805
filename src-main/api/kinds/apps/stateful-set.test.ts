import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import type { StatefulSet, StatefulSetSpec } from '../../types/apps-v1.ts'
import { statefulSet } from './stateful-set.ts'

function problems(more: Partial<StatefulSetSpec>): string[] {
  const container = { name: 'db', image: 'a', volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [container] } },
      ...more,
    },
  }
  statefulSet.defaults?.(draft)
  return (statefulSet.validate?.(draft) ?? []).map(({ path }) => path)
}

describe('stateful sets', () => {
  const resources = { requests: { storage: '1Gi' } }
  const claim = (name: string): NonNullable<StatefulSetSpec['volumeClaimTemplates']>[number] => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources },
  })

  it('may mount the claims that each of their pods gets', () => {
    expect(problems({ volumeClaimTemplates: [claim('data')] })).toEqual([])
  })

  it('may mount nothing that is neither a claim nor a volume', () => {
    const path = 'spec.template.spec.containers[0].volumeMounts[0].name'
    expect(problems({})).toEqual([path])
    expect(problems({ volumeClaimTemplates: [claim('other')] })).toEqual([path])
  })

  it('make only claims that can be made', () => {
    const claims = [claim('data'), { metadata: { name: 'bad' }, spec: { resources } }]
    const set = { metadata: { name: 'db' }, spec: { volumeClaimTemplates: claims } }
    const errors = statefulSet.validateNew?.(set as StatefulSet) ?? []
    expect(errors.map((error) => `${error.path}: ${fieldErrorBody(error)}`)).toEqual([
      'spec.volumeClaimTemplates[1].spec.accessModes: Required value: at least 1 access mode is required',
    ])
  })
})
