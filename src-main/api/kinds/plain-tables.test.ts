import { expect, it } from 'vitest'
import type { DynamicObject } from '../meta/object.ts'
import { kindByResource, kinds } from './index.ts'
import { plainTables } from './plain-tables.ts'

function cellsOf(group: string, plural: string, object: DynamicObject): Record<string, unknown> {
  const columns = kindByResource(group, 'v1', plural)?.columns ?? []
  return Object.fromEntries(columns.map((column) => [column.name, column.cell(object, 0)]))
}

it('every table is used by a kind', () => {
  const known = new Set(kinds.map(({ group, plural }) => (group === '' ? plural : `${plural}.${group}`)))
  expect(Object.keys(plainTables).filter((name) => !known.has(name))).toEqual([])
})

it.each<[string, string, DynamicObject, object]>([
  ['storage.k8s.io', 'csinodes', { spec: { drivers: [{}, {}] } }, { Drivers: 2 }],
  [
    'storage.k8s.io',
    'csidrivers',
    {},
    { AttachRequired: true, PodInfoOnMount: false, TokenRequests: '<unset>', Modes: '<none>' },
  ],
  [
    'storage.k8s.io',
    'csidrivers',
    { spec: { tokenRequests: [{ audience: 'a' }, { audience: 'b' }] } },
    { TokenRequests: 'a,b' },
  ],
  [
    'storage.k8s.io',
    'volumeattachments',
    { spec: { source: { persistentVolumeName: 'pv' } } },
    { PV: 'pv', Attached: false },
  ],
  [
    'networking.k8s.io',
    'servicecidrs',
    { spec: { cidrs: ['10.0.0.0/8', 'fd00::/64'] } },
    { CIDRs: '10.0.0.0/8,fd00::/64' },
  ],
  [
    'networking.k8s.io',
    'ipaddresses',
    { spec: { parentRef: { resource: 'services', namespace: 'a', name: 'b' } } },
    { ParentRef: 'services/a/b' },
  ],
  [
    '',
    'componentstatuses',
    { conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] },
    { Status: 'Healthy', Message: 'ok' },
  ],
  ['', 'componentstatuses', {}, { Status: 'Unknown', Message: '' }],
  [
    'resource.k8s.io',
    'resourceclaims',
    { status: { allocation: {}, reservedFor: [{}] } },
    { State: 'allocated,reserved' },
  ],
  ['resource.k8s.io', 'resourceclaims', {}, { State: 'pending' }],
  [
    'admissionregistration.k8s.io',
    'validatingadmissionpolicies',
    { spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } },
    { Validations: 0, ParamKind: 'v1/ConfigMap' },
  ],
])('%s %s of %o shows %o', (group, plural, object, cells) =>
  expect(cellsOf(group, plural, object)).toMatchObject(cells),
)
