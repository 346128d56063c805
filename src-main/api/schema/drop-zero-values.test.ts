import { describe, expect, it } from 'vitest'
import { dropZeroValues } from './drop-zero-values.ts'
import { schemaOf } from './schema.ts'

function dropped(group: string, kind: string, object: object): object {
  const schema = schemaOf({ group, version: 'v1', kind })
  if (schema === undefined) throw new Error(`no schema for ${kind}`)
  dropZeroValues(object, schema)
  return object
}

describe('fields that say nothing', () => {
  it('are left out of a pod', () => {
    const container = {
      ...{ name: 'c', image: 'i', command: [], env: [{ name: 'A', value: '' }], stdin: false, workingDir: '' },
      ports: [{ containerPort: 80, hostPort: 0, name: '' }],
      resources: { limits: {}, requests: { cpu: '1' } },
    }
    const spec = { containers: [container], nodeSelector: {}, tolerations: [], hostNetwork: false, nodeName: '' }
    expect(dropped('', 'Pod', { metadata: { name: 'p', labels: {} }, spec })).toEqual({
      metadata: { name: 'p' },
      spec: {
        containers: [
          {
            ...{ name: 'c', image: 'i', env: [{ name: 'A' }], ports: [{ containerPort: 80 }] },
            resources: { requests: { cpu: '1' } },
          },
        ],
      },
    })
  })

  it.each([
    ['pointers to zero', 'apps', 'Deployment', { spec: { replicas: 0, progressDeadlineSeconds: 0 } }],
    ['pointers to texts', '', 'PersistentVolumeClaim', { spec: { storageClassName: '' } }],
    ['empty structs', '', 'Pod', { spec: { securityContext: {}, volumes: [{ name: 'v', emptyDir: {} }] } }],
    ['required fields', '', 'Pod', { spec: { containers: [] } }],
    ['values of maps', '', 'ConfigMap', { data: { empty: '' } }],
    ['what is kept as it is', 'apps', 'ControllerRevision', { data: { spec: { list: [], text: '' } }, revision: 0 }],
    ['rules of roles', 'rbac.authorization.k8s.io', 'Role', { rules: [] }],
  ])('are not %s', (_what, group, kind, object) => {
    expect(dropped(group, kind, structuredClone(object))).toEqual(object)
  })
})
