import { describe, expect, it } from 'vitest'
import type { ObjectMeta } from '../types/meta-v1.ts'
import { labelName } from './names.ts'
import { validateMeta, validateMetaUpdate } from './validate-meta.ts'

const pathsOf = (meta: ObjectMeta, namespaced = false): string[] =>
  validateMeta({ namespaced }, { name: 'a', ...meta }).map(({ path }) => path)

describe('metadata of a new object', () => {
  it.each<[string, ObjectMeta, string[]]>([
    ['a name alone', {}, []],
    ['no name', { name: '' }, ['metadata.name']],
    ['a bad name', { name: 'A' }, ['metadata.name']],
    ['a bad prefix', { generateName: 'A-' }, ['metadata.generateName']],
    ['a prefix that ends with a dash', { generateName: 'a-' }, []],
    ['a namespace where there is none', { namespace: 'x' }, ['metadata.namespace']],
    ['a bad label key', { labels: { '-': 'a' } }, ['metadata.labels']],
    ['a bad label value', { labels: { a: '-' } }, ['metadata.labels']],
    ['an annotation key in capitals', { annotations: { 'Example.com/A': 'any text, really' } }, []],
    ['a bad annotation key', { annotations: { 'a b': '' } }, ['metadata.annotations']],
    ['annotations that are too large', { annotations: { a: 'x'.repeat(262_144) } }, ['metadata.annotations']],
    ['a bare finalizer', { finalizers: ['mine'] }, ['metadata.finalizers[0]']],
    ['a full finalizer', { finalizers: ['example.com/mine', 'orphan'] }, []],
    ['finalizers that exclude each other', { finalizers: ['orphan', 'foregroundDeletion'] }, ['metadata.finalizers']],
    [
      'an owner without uid',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: '' }] },
      ['metadata.ownerReferences.uid'],
    ],
    [
      'an event for an owner',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'a', uid: 'u' }] },
      ['metadata.ownerReferences'],
    ],
    [
      'an owner without version',
      { ownerReferences: [{ apiVersion: 'a/b/c', kind: 'A', name: 'a', uid: 'u' }] },
      ['metadata.ownerReferences.apiVersion'],
    ],
    [
      'an owner of no version',
      { ownerReferences: [{ apiVersion: 'apps/', kind: 'A', name: 'a', uid: 'u' }] },
      ['metadata.ownerReferences.apiVersion'],
    ],
    [
      'two controllers',
      { ownerReferences: ['u', 'v'].map((uid) => ({ apiVersion: 'v1', kind: 'A', name: 'a', uid, controller: true })) },
      ['metadata.ownerReferences'],
    ],
  ])('with %s', (_, meta, paths) => expect(pathsOf(meta)).toEqual(paths))

  it('must say a namespace where there is one', () => {
    expect(pathsOf({}, true)).toEqual(['metadata.namespace'])
    expect(pathsOf({ namespace: 'A' }, true)).toEqual(['metadata.namespace'])
    expect(pathsOf({ namespace: 'a' }, true)).toEqual([])
  })

  it('follows the name rule of its kind', () => {
    const errors = validateMeta({ namespaced: false, nameRule: labelName }, { name: 'a.b' })
    expect(errors.map(({ detail }) => detail)).toEqual(['must not contain dots'])
  })
})

describe('metadata of a changed object', () => {
  it('keeps what it is called and who it is', () => {
    const errors = validateMetaUpdate({ name: 'b', uid: '2' }, { name: 'a', uid: '1' })
    expect(errors.map(({ path, detail }) => `${path} ${detail}`)).toEqual([
      'metadata.name field is immutable',
      'metadata.uid field is immutable',
    ])
  })

  it('may lose finalizers but not gain any while it is deleted', () => {
    const previous = { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/a', 'x/b'] }
    expect(validateMetaUpdate({ ...previous, finalizers: ['x/b'] }, previous)).toEqual([])
    expect(validateMetaUpdate({ ...previous, finalizers: ['x/c'] }, previous)[0]?.path).toBe('metadata.finalizers')
  })

  it('never goes back a generation', () => {
    expect(validateMetaUpdate({ generation: 1 }, { generation: 2 })[0]?.path).toBe('metadata.generation')
  })
})
