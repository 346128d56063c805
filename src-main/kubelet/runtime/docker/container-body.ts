import type { ContainerConfig, ContainerResources, ContainerSecurity, Mount, NetworkMode } from '../runtime.ts'
import { labelsOf } from './labels.ts'

/** Two engines differ in what they allow: whether the worker lets a container have every privilege of its own. */
export interface EngineLimits {
  /** The engine lacks CAP_SYS_RESOURCE: `Privileged` and negative OOM scores would fail. */
  readonly restricted: boolean
}

/** The body of `POST /containers/create`. */
export function containerBody(config: ContainerConfig, limits: EngineLimits): object {
  const { identity, security } = config
  return {
    Image: config.image,
    ...(config.command === undefined ? {} : { Entrypoint: config.command }),
    ...(config.args === undefined ? {} : { Cmd: config.args }),
    Env: config.env,
    Labels: labelsOf(identity, config.notes),
    ...(config.workingDirectory === undefined ? {} : { WorkingDir: config.workingDirectory }),
    ...(config.hostName === undefined ? {} : { Hostname: config.hostName }),
    ...(security.user === undefined ? {} : { User: security.user }),
    ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    Tty: config.tty,
    // What a health check of the image finds is not ours to act on.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfig(config, limits),
  }
}

function hostConfig(config: ContainerConfig, limits: EngineLimits): object {
  const { resources, security, dns } = config
  return {
    ...namespaces(config.network, config.hostPid === true, config.hostIpc === true),
    ...(dns === undefined ? {} : { Dns: dns.servers, DnsSearch: dns.searches, DnsOptions: dns.options }),
    Binds: config.mounts.map(bind),
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
    RestartPolicy: { Name: 'no' },
    ...(config.cgroupParent === undefined ? {} : { CgroupParent: config.cgroupParent }),
    ...resourcesBody(resources),
    ...oomScore(resources.oomScoreAdjust, limits),
    ReadonlyRootfs: security.readOnlyRootFilesystem === true,
    ...(security.supplementalGroups === undefined ? {} : { GroupAdd: security.supplementalGroups }),
    ...(security.sysctls === undefined ? {} : { Sysctls: security.sysctls }),
    ...privileges(security, limits),
  }
}

/** The same names in the body of a container and in that of a change. */
export function resourcesBody({ cpuShares, cpuQuotaMicros, memoryBytes }: ContainerResources): object {
  return {
    ...(cpuShares === undefined ? {} : { CpuShares: cpuShares }),
    ...(cpuQuotaMicros === undefined ? {} : { CpuPeriod: 100_000, CpuQuota: cpuQuotaMicros }),
    ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
  }
}

function oomScore(score: number | undefined, limits: EngineLimits): object {
  if (score === undefined || (limits.restricted && score < 0)) return {}
  return { OomScoreAdj: score }
}

const pidsOf = (containerId: string | undefined): string =>
  containerId === undefined ? '' : `container:${containerId}`

function namespaces(network: NetworkMode, hostPid: boolean, hostIpc: boolean): object {
  if (network.type === 'sandbox') {
    const joined = `container:${network.sandboxId}`
    return {
      NetworkMode: joined,
      IpcMode: hostIpc ? 'host' : joined,
      PidMode: network.sharePids ? joined : hostPid ? 'host' : pidsOf(network.pidsOf),
    }
  }
  return { NetworkMode: network.type, IpcMode: hostIpc ? 'host' : 'shareable', PidMode: hostPid ? 'host' : '' }
}

function bind({ source, target, readOnly, propagation = 'private' }: Mount): string {
  const options = [readOnly ? 'ro' : 'rw', ...(propagation === 'private' ? [] : [propagation])]
  return `${source}:${target}:${options.join(',')}`
}

function privileges(security: ContainerSecurity, { restricted }: EngineLimits): object {
  const unconfined = security.confined === true ? [] : ['seccomp=unconfined']
  const noNew = security.noNewPrivileges === true ? ['no-new-privileges'] : []
  if (security.privileged !== true) {
    return {
      CapAdd: security.addCapabilities ?? [],
      CapDrop: security.dropCapabilities ?? [],
      SecurityOpt: [...unconfined, ...noNew],
    }
  }
  if (!restricted) return { Privileged: true }
  // As near to privileged as an engine without CAP_SYS_RESOURCE can give.
  return {
    CapAdd: everyCapability,
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    MaskedPaths: [],
    ReadonlyPaths: [],
    DeviceCgroupRules: ['a *:* rwm'],
  }
}

/** All capabilities but SYS_RESOURCE and those that only newer kernels know. */
const everyCapability = [
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'AUDIT_WRITE',
  'BLOCK_SUSPEND',
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'IPC_OWNER',
  'KILL',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'MKNOD',
  'NET_ADMIN',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYSLOG',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_CHROOT',
  'SYS_MODULE',
  'SYS_NICE',
  'SYS_PACCT',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'WAKE_ALARM',
]
