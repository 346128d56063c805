import { describe, expect, it } from 'vitest'
import { modified, notFound } from '../../api/errors.ts'
import { kinds } from '../../api/kinds/index.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type { Client } from '../../client/client.ts'
import { ago } from '../test-objects.ts'
import { targetOf, updateScale } from './scale-target.ts'

const names = { group: 'apps', plural: 'deployments' }
const scale: Scale = { metadata: { name: 'web', namespace: 'default', resourceVersion: '1' }, spec: { replicas: 1 } }
const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: ago(9) }

describe('the target of an autoscaler', () => {
  const find = (apiVersion: string, kind: string) => {
    const get = () => Promise.reject(notFound(names, 'web'))
    const spec = { scaleTargetRef: { apiVersion, kind, name: 'web' }, maxReplicas: 3 }
    return targetOf({ get } as unknown as Client, kinds, { metadata, spec })
  }
  it.each([
    ['apps/v1', 'Thing', 'no matches for kind "Thing" in group "apps"'],
    ['v1', 'Pod', 'could not find scale subresource for /v1, Resource=pods in discovery information'],
    ['apps/v1', 'Deployment', 'deployments.apps "web" not found'],
  ])('that is a %s %s is missing, and why', async (apiVersion, kind, problem) => {
    expect(await find(apiVersion, kind)).toEqual({ problem })
  })

  it('is resized although others write to it', async () => {
    const written: unknown[] = []
    const update = (_kind: unknown, next: Scale) => {
      written.push([next.metadata?.resourceVersion, next.spec?.replicas])
      return written.length < 3 ? Promise.reject(modified(names, 'web')) : Promise.resolve(next)
    }
    const latest = { ...scale, metadata: { ...scale.metadata, resourceVersion: '2' } }
    const client = { update, get: () => Promise.resolve(latest) } as unknown as Client
    const kind = kinds.find((one) => one.kind === 'Deployment')!
    expect(await updateScale(client, { kind, scale }, 5, { key: 'default/web' })).toBeUndefined()
    expect(written).toEqual([
      ['1', 5],
      ['2', 5],
      ['2', 5],
    ])
  })
})
