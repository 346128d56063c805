import { describe, expect, it } from 'vitest'
import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import { withTables, type TableColumn } from '../table-transport.ts'
import { discoveredView, kindsOf } from './discovered.ts'
import { cellText } from './resource-view.ts'

const resource = (name: string, more: object = {}) => ({
  ...{ name, kind: 'Widget', namespaced: true, verbs: ['get', 'list', 'watch'] },
  ...more,
})
const columns: TableColumn[] = [
  { name: 'Name', type: 'string', priority: 0 },
  { name: 'Size', type: 'integer', priority: 0 },
  { name: 'Hint', type: 'string', priority: 1 },
  { name: 'Age', type: 'date', priority: 0 },
]

describe('a kind from discovery', () => {
  it('is named as kubectl names it in full', () => {
    expect(kindsOf('', 'v1', [resource('configmaps')])[0]?.id).toBe('configmaps.v1')
    expect(kindsOf('example.com', 'v1', [resource('widgets')])[0]?.id).toBe('widgets.v1.example.com')
  })

  it('is left out when it cannot be listed, and subresources are no kinds', () => {
    const found = kindsOf('example.com', 'v1', [
      resource('widgets'),
      resource('widgets/scale'),
      resource('reviews', { verbs: ['create'] }),
    ])
    expect(found.map(({ id, hasScale }) => [id, hasScale])).toEqual([['widgets.v1.example.com', true]])
  })

  it('shows the columns that its table has, the rarely needed ones only when it shall be wide', async () => {
    const [widgets] = kindsOf('example.com', 'v1', [resource('widgets')])
    const names = (wide: boolean): string[] => discoveredView(widgets!, columns, wide).columns.map(({ name }) => name)
    expect(names(false)).toEqual(['Name', 'Namespace', 'Size', 'Age'])
    expect(names(true)).toEqual(['Name', 'Namespace', 'Size', 'Hint', 'Age'])

    const metadata = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' }
    const rows = [{ cells: ['a', 12, 'yes', '3d'], object: { metadata } }]
    const transport = withTables(
      {
        request: () => Promise.resolve({ kind: 'Table', rows }),
        watch: () => {
          throw new Error('not watched')
        },
      },
      { onColumns: () => undefined },
    )
    const { items } = (await transport.request({ method: 'GET', path: '/' })) as { items: Live<KubernetesObject>[] }
    const view = discoveredView(widgets!, columns, true)
    const texts = view.columns.map((column) => cellText(view, column, items[0]!, 0))
    expect(texts).toEqual(['a', 'default', '12', 'yes', ''])
  })

  it('has a name and an age before its columns are known', () => {
    const [nodes] = kindsOf('', 'v1', [resource('things', { namespaced: false })])
    expect(discoveredView(nodes!, undefined, false).columns.map(({ name }) => name)).toEqual(['Name', 'Age'])
  })
})
