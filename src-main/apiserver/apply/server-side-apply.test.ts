import { describe, expect, it } from 'vitest'
import type { DynamicObject } from '../../api/meta/object.ts'
import { schemaOf } from '../../api/schema/schema.ts'
import { applyConfiguration } from './server-side-apply.ts'
import { trackUpdate } from './track-update.ts'

const schema = schemaOf({ group: 'apps', version: 'v1', kind: 'Deployment' })!
const serviceSchema = schemaOf({ group: '', version: 'v1', kind: 'Service' })!
const now = '2026-01-01T00:00:00Z'

const deployment = (spec: object, labels?: Record<string, string>): DynamicObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...(labels === undefined ? {} : { labels }) },
  spec,
})
const containers = (...list: object[]) => ({ template: { spec: { containers: list } } })

const apply = (live: DynamicObject | undefined, applied: DynamicObject, manager = 'me', force = false) =>
  applyConfiguration(live, applied, schema, { manager, subresource: '', force, now })
/** What a writer other than apply leaves behind. */
const written = (before: DynamicObject, after: DynamicObject, manager: string): DynamicObject => ({
  ...after,
  metadata: {
    ...after.metadata,
    managedFields: [
      ...trackUpdate(before, after, before.metadata?.managedFields ?? [], schema, { manager, subresource: '', now }),
    ],
  },
})
const ownersOf = (object: DynamicObject) =>
  Object.fromEntries((object.metadata?.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, fieldsV1]))

describe('the first application', () => {
  it('owns every field that it names, by the identity of list items', () => {
    const applied = deployment(
      { replicas: 2, ...containers({ name: 'a', ports: [{ containerPort: 80 }] }) },
      { x: 'y' },
    )
    expect(ownersOf(apply(undefined, applied))).toEqual({
      me: {
        'f:metadata': { 'f:labels': { 'f:x': {} } },
        'f:spec': {
          'f:replicas': {},
          'f:template': {
            'f:spec': {
              'f:containers': {
                'k:{"name":"a"}': {
                  '.': {},
                  'f:name': {},
                  'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                },
              },
            },
          },
        },
      },
    })
  })

  it('of an object that was not applied before conflicts with what is there, where it differs', () => {
    const live = deployment({ replicas: 1, paused: true })
    expect(() => apply(live, deployment({ replicas: 2, paused: true }))).toThrow(
      expect.objectContaining({
        code: 409,
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "before-first-apply" using apps/v1',
              field: '.spec.replicas',
            },
          ],
        },
      }),
    )
    const forced = apply(live, deployment({ replicas: 2, paused: true }), 'me', true)
    expect(ownersOf(forced)).toMatchObject({
      'before-first-apply': { 'f:spec': { 'f:paused': {} } },
      me: { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } },
    })
  })
})

describe('applying again', () => {
  it('removes what it no longer names, and leaves what others own', () => {
    const first = apply(undefined, deployment({ replicas: 2, ...containers({ name: 'a', image: 'x' }, { name: 'b' }) }))
    const other = apply(first, deployment(containers({ name: 'b', image: 'sidecar' })), 'other')
    const again = apply(other, deployment(containers({ name: 'a', image: 'y' })))
    expect(again.spec).toEqual(containers({ name: 'a', image: 'y' }, { name: 'b', image: 'sidecar' }))
    expect(Object.keys(ownersOf(again))).toEqual(['me', 'other'])
    const last = apply(again, deployment({}), 'other')
    expect(last.spec).toEqual(containers({ name: 'a', image: 'y' }))
  })

  it('the same changes nothing at all', () => {
    const applied = deployment({ replicas: 2, ...containers({ name: 'a' }) }, { x: 'y' })
    const first = apply(undefined, applied)
    expect(
      applyConfiguration(first, applied, schema, { manager: 'me', subresource: '', force: false, now: 'later' }),
    ).toEqual(first)
  })

  it('keeps defaults and what nobody owns', () => {
    const first = apply(undefined, deployment({ replicas: 2, strategy: { type: 'Recreate' } }))
    const defaulted = { ...first, spec: { ...(first.spec as object), revisionHistoryLimit: 10 } }
    expect(apply(defaulted, deployment({ strategy: { type: 'Recreate' } })).spec).toEqual({
      strategy: { type: 'Recreate' },
      revisionHistoryLimit: 10,
    })
  })

  it('shares fields of the same value, and fights over others', () => {
    const first = apply(undefined, deployment({ replicas: 2 }))
    const shared = apply(first, deployment({ replicas: 2 }), 'other')
    expect(Object.keys(ownersOf(shared))).toEqual(['me', 'other'])
    expect(() => apply(shared, deployment({ replicas: 3 }))).toThrow(
      expect.objectContaining({ message: 'Apply failed with 1 conflict: conflict with "other": .spec.replicas' }),
    )
    expect(Object.keys(ownersOf(apply(shared, deployment({ replicas: 3 }), 'me', true)))).toEqual(['me'])
    // Given up by one, the field stays the other's.
    expect(apply(shared, deployment({})).spec).toEqual({ replicas: 2 })
  })

  it('replaces atomic lists and maps as a whole', () => {
    const first = apply(undefined, deployment({ selector: { matchLabels: { a: 'b' } } }))
    expect(ownersOf(first)).toEqual({ me: { 'f:spec': { 'f:selector': {} } } })
    expect(apply(first, deployment({ selector: { matchLabels: { c: 'd' } } })).spec).toEqual({
      selector: { matchLabels: { c: 'd' } },
    })
  })

  it('follows the applied order of a list and leaves the items of others in their place', () => {
    const live = apply(undefined, deployment(containers({ name: 'side' }, { name: 'a' }, { name: 'b' })), 'other')
    const spec = apply(live, deployment(containers({ name: 'b' }, { name: 'a' }, { name: 'c' }))).spec
    expect(spec).toEqual(containers({ name: 'side' }, { name: 'b' }, { name: 'a' }, { name: 'c' }))
  })

  it('tells list items apart by all their keys, with defaults', () => {
    const service = (...ports: object[]): DynamicObject => ({ apiVersion: 'v1', kind: 'Service', spec: { ports } })
    const application = { manager: 'me', subresource: '', force: false, now }
    const first = applyConfiguration(undefined, service({ port: 53 }), serviceSchema, application)
    const both = applyConfiguration(
      first,
      service({ port: 53, protocol: 'UDP' }, { port: 53 }),
      serviceSchema,
      application,
    )
    expect(both.spec).toEqual({ ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] })
  })
})

describe('an ordinary write', () => {
  it('owns what it changes of an applied object, so that the next application conflicts', () => {
    const first = apply(undefined, deployment({ replicas: 2, paused: true }))
    const scaled = written(first, { ...first, spec: { replicas: 5, paused: true } }, 'kubectl-edit')
    expect(ownersOf(scaled)).toEqual({
      me: { 'f:spec': { 'f:paused': {} } },
      'kubectl-edit': { 'f:spec': { 'f:replicas': {} } },
    })
    expect(() => apply(scaled, deployment({ replicas: 2, paused: true }))).toThrow(
      expect.objectContaining({ reason: 'Conflict' }),
    )
  })

  it('takes what it removes from its owner', () => {
    const first = apply(undefined, deployment({ replicas: 2, paused: true }))
    const removed = written(first, { ...first, spec: { replicas: 2 } }, 'kubectl-edit')
    expect(ownersOf(removed)).toEqual({ me: { 'f:spec': { 'f:replicas': {} } } })
  })

  it('of an object whose managers were cleared is not tracked', () => {
    const live = deployment({ replicas: 1 })
    expect(written(live, deployment({ replicas: 2 }), 'kubectl').metadata?.managedFields).toEqual([])
  })
})
