import { describe, expect, it } from 'vitest'
import type { PolicyRule, Subject } from '../../api/types/rbac-v1.ts'
import type { Follower } from '../cache/resource-cache.ts'
import { CachedObject } from '../cache/cached-object.ts'
import { RoleIndex, type RoleSource } from './role-index.ts'

const group = 'rbac.authorization.k8s.io'

/** Stored objects that count how often a role is looked at. */
class Stored implements RoleSource {
  looks = 0
  private readonly objects = new Map<string, CachedObject>()
  private readonly followers = new Map<string, Follower[]>()

  put(plural: string, object: { metadata: { name: string; namespace?: string } } & Record<string, unknown>): void {
    const { name, namespace } = object.metadata
    this.set(plural, namespace === undefined ? name : `${namespace}/${name}`, CachedObject.fromObject('', 1, object))
  }

  set(plural: string, key: string, next: CachedObject | undefined): void {
    const id = `${group}/${plural} ${key}`
    for (const follow of this.followers.get(`${group}/${plural}`) ?? []) follow(this.objects.get(id), next)
    if (next === undefined) this.objects.delete(id)
    else this.objects.set(id, next)
  }

  resource(name: string) {
    return {
      get: (key: string) => {
        this.looks++
        return this.objects.get(`${name} ${key}`)
      },
      follow: (follower: Follower) => void this.followers.set(name, [...(this.followers.get(name) ?? []), follower]),
    }
  }
}

const user = (name: string): Subject => ({ kind: 'User', name })
const read: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
const binding = (name: string, role: string, subjects: Subject[], namespace?: string) => ({
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
  subjects,
})
const getPod = (namespace: string) => ({
  type: 'resource' as const,
  verb: 'get',
  target: { group: '', version: 'v1', plural: 'pods', namespace, name: 'p', subresource: '', rest: [] },
})

describe('the index of bindings', () => {
  it('looks at the roles of the one who asks, and at nobody else’s', () => {
    const stored = new Stored()
    const index = new RoleIndex(stored)
    stored.put('clusterroles', { metadata: { name: 'reader' }, rules: [read] })
    for (let one = 0; one < 1000; one++)
      stored.put('clusterrolebindings', binding(`b${one}`, 'reader', [user(`u${one}`)]))
    for (let one = 0; one < 1000; one++)
      stored.put('rolebindings', binding(`b${one}`, 'reader', [user(`u${one}`)], 'default'))
    expect(index.decide({ name: 'u7', groups: [] }, getPod('default'))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "b7" of ClusterRole "reader" to User "u7"',
    })
    expect(index.decide({ name: 'nobody', groups: ['g'] }, getPod('default')).allowed).toBe(false)
    expect(stored.looks).toBe(1)
  })

  it('forgets a binding that is gone, and one that was moved to somebody else', () => {
    const stored = new Stored()
    const index = new RoleIndex(stored)
    stored.put('clusterroles', { metadata: { name: 'reader' }, rules: [read] })
    stored.put('rolebindings', binding('b', 'reader', [user('jo')], 'a'))
    const may = (name: string, namespace = 'a') => index.decide({ name, groups: [] }, getPod(namespace)).allowed
    expect([may('jo'), may('jo', 'b'), may('jim')]).toEqual([true, false, false])
    stored.put('rolebindings', binding('b', 'reader', [user('jim')], 'a'))
    expect([may('jo'), may('jim')]).toEqual([false, true])
    stored.set('rolebindings', 'a/b', undefined)
    expect(may('jim')).toBe(false)
  })

  it('knows accounts by their namespace, and names a role that is not there', () => {
    const stored = new Stored()
    const index = new RoleIndex(stored)
    stored.put('rolebindings', binding('b', 'gone', [{ kind: 'ServiceAccount', name: 'bot' }], 'a'))
    expect(index.decide({ name: 'system:serviceaccount:a:bot', groups: [] }, getPod('a'))).toEqual({
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    })
  })
})
