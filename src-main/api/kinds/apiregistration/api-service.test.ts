import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import type { APIService } from '../../types/apiregistration-v1.ts'
import { apiService } from './api-service.ts'

type Spec = NonNullable<APIService['spec']>

const remote: Spec = {
  ...{ group: 'wardle.example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 15 },
  service: { namespace: 'default', name: 'api', port: 443 },
}
function problems(changes: Partial<Spec>, name?: string): string[] {
  const spec = { ...remote, ...changes }
  const service: APIService = { metadata: { name: name ?? `${spec.version}.${spec.group}` }, spec }
  return (apiService.validate?.(service as never) ?? []).map((error) => `${error.path}: ${fieldErrorBody(error)}`)
}

describe('an APIService', () => {
  it('of another server or of this one is fine', () => {
    expect(problems({})).toEqual([])
    const { service: _service, ...local } = remote
    expect(apiService.validate?.({ metadata: { name: 'v1.wardle.example.com' }, spec: local } as never)).toEqual([])
  })

  const priority = 'Invalid value: 0: must be positive and less than'
  it.each([
    [
      { group: '', version: 'v2' },
      'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
    ],
    [{ groupPriorityMinimum: 0 }, `spec.groupPriorityMinimum: ${priority} 20000`],
    [{ versionPriority: 0 }, `spec.versionPriority: ${priority} 1000`],
    [{ service: { namespace: '', name: 'api', port: 443 } }, 'spec.service.namespace: Required value'],
    [{ service: { namespace: 'default', name: '', port: 443 } }, 'spec.service.name: Required value'],
    [
      { service: { namespace: 'default', name: 'api', port: 70_000 } },
      'spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive',
    ],
    [
      { insecureSkipTLSVerify: true, caBundle: 'YWJj' },
      'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
    ],
  ])('with %j is refused', (changes, problem) => expect(problems(changes as Partial<Spec>)).toEqual([problem]))

  it('of this server trusts nobody', () => {
    const { service: _service, ...spec } = { ...remote, caBundle: 'YWJj', insecureSkipTLSVerify: true }
    const errors = apiService.validate?.({ metadata: { name: 'v1.wardle.example.com' }, spec } as never) ?? []
    expect(errors.map((error) => `${error.path}: ${fieldErrorBody(error)}`)).toEqual([
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ])
  })

  it('is named for its version and group', () => {
    expect(problems({}, 'v2.wardle.example.com')).toEqual([
      'metadata.name: Invalid value: "v2.wardle.example.com": must be `spec.version+"."+spec.group`: "v1.wardle.example.com"',
    ])
  })
})
