import { describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../runtime.ts'
import { containerBody } from './container-body.ts'
import { FrameReader } from './frames.ts'
import { observe, type Inspection } from './inspection.ts'
import { dockerName, identityOf, labelsOf, notesOf } from './labels.ts'

const identity = {
  podUid: 'u',
  podNamespace: 'default',
  podName: 'web-1',
  role: 'app',
  container: 'web',
  attempt: 3,
} as const

const config: ContainerConfig = {
  ...{ identity, notes: {}, image: 'orrery.dev/web:1', env: [], mounts: [], resources: {}, security: {} },
  ...{ stdin: false, stdinOnce: false, tty: false, network: { type: 'sandbox', sandboxId: 's1', sharePids: false } },
}

describe('labels', () => {
  it("bring a container's identity and notes back", () => {
    const labels = labelsOf(identity, { a: 'b' })
    expect(identityOf(labels)).toEqual(identity)
    expect(notesOf(labels)).toEqual({ a: 'b' })
    expect(dockerName(identity)).toBe('k8s_web_web-1_default_u_3')
  })

  it('of others are not ours', () => {
    expect(identityOf({})).toBeUndefined()
    expect(identityOf({ ...labelsOf(identity, {}), 'orrery.dev/role': 'king' })).toBeUndefined()
  })
})

describe('frames', () => {
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8)
    header[0] = stream
    header.writeUInt32BE(text.length, 4)
    return Buffer.concat([header, Buffer.from(text)])
  }

  it.each([1, 3, 8, 100])('are read from pieces of %i bytes', (size) => {
    const bytes = Buffer.concat([frame(1, 'hello'), frame(2, 'oh'), frame(1, '')])
    const seen: string[] = []
    const reader = new FrameReader((stream, chunk) => seen.push(`${stream}:${chunk.toString()}`))
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
    expect(seen).toEqual(['stdout:hello', 'stderr:oh', 'stdout:'])
  })
})

describe('what a container is made of', () => {
  const hostConfig = (more: Partial<ContainerConfig>, restricted = false): Record<string, unknown> =>
    (containerBody({ ...config, ...more }, { restricted }) as { HostConfig: Record<string, unknown> }).HostConfig

  it('joins its sandbox', () => {
    expect(hostConfig({})).toMatchObject({ NetworkMode: 'container:s1', IpcMode: 'container:s1', PidMode: '' })
  })

  it('has no more memory with swap than without', () => {
    expect(hostConfig({ resources: { memoryBytes: 100 } })).toMatchObject({ Memory: 100, MemorySwap: 100 })
  })

  it('has every privilege that its engine can give', () => {
    expect(hostConfig({ security: { privileged: true } })).toMatchObject({ Privileged: true })
    const restricted = hostConfig({ security: { privileged: true }, resources: { oomScoreAdjust: -5 } }, true)
    expect(restricted).not.toHaveProperty('Privileged')
    expect(restricted).not.toHaveProperty('OomScoreAdj')
    expect(restricted['CapAdd']).toContain('SYS_ADMIN')
    expect(restricted['CapAdd']).not.toContain('SYS_RESOURCE')
  })

  it('mounts as it is told', () => {
    const mounts = [
      { source: '/a', target: '/b', readOnly: true },
      { source: '/c', target: '/d', readOnly: false, propagation: 'rslave' as const },
    ]
    expect(hostConfig({ mounts })['Binds']).toEqual(['/a:/b:ro', '/c:/d:rw,rslave'])
  })
})

describe('what the engine shows of a container', () => {
  const inspection: Inspection = {
    Id: 'c1',
    Created: '2026-01-01T00:00:00.5Z',
    Image: 'sha256:1',
    Config: { Image: 'orrery.dev/web:1', Labels: labelsOf(identity, {}), Tty: false },
    HostConfig: { CpuShares: 256, CpuQuota: 0, Memory: 1024 },
    State: {
      ...{ Status: 'running', Pid: 7, ExitCode: 0, OOMKilled: false, Error: '' },
      StartedAt: '2026-01-01T00:00:01Z',
      FinishedAt: '0001-01-01T00:00:00Z',
    },
  }
  const withState = (state: Partial<Inspection['State']>): Inspection => ({
    ...inspection,
    State: { ...inspection.State, ...state },
  })

  it('has no end while it runs', () => {
    expect(observe(inspection)).toMatchObject({ state: 'running', finishedAt: undefined, pid: 7 })
  })

  it('has ended when its start has failed', () => {
    expect(observe(withState({ Status: 'created' }))?.state).toBe('created')
    expect(observe(withState({ Status: 'created', Error: 'no such file' }))?.state).toBe('exited')
  })

  it('is nothing when it is not ours', () => {
    expect(observe({ ...inspection, Config: { ...inspection.Config, Labels: null } })).toBeUndefined()
  })
})
