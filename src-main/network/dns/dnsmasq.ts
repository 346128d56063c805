/** The dnsmasq of one worker: files, and a process that outlives the app. */
import { execOrThrow, type Machine } from '../../machines/machine.ts'
import type { DnsRecords } from './records.ts'

export const dnsPort = 10_053

const folder = '/run/orrery/dns'
const hostsFolder = `${folder}/hosts`
const configFile = `${folder}/dnsmasq.conf`
const pidFile = `${folder}/dnsmasq.pid`

/** Arguments: folder, hosts folder, configuration, pid file, whether to start anew. */
const ensureScript = `set -e
alive() { [ -s "$3" ] && [ "$(cat "/proc/$(cat "$3")/comm" 2>/dev/null)" = dnsmasq ]; }
if alive "$@"; then
  [ "$4" = anew ] || exit 0
  pid=$(cat "$3")
  kill "$pid"
  i=0
  while [ -d "/proc/$pid" ] && [ $i -lt 100 ]; do sleep 0.02; i=$((i + 1)); done
fi
rm -f "$3"
setsid dnsmasq --conf-file="$2" --pid-file="$3" </dev/null >"$1/log" 2>&1
`

export interface DnsmasqOptions {
  /** Where it listens, beside the loopback. */
  readonly address: string
  /** `cluster.local`. */
  readonly domain: string
}

/** The configuration file: pure. Everything below the domain is answered here; other names go to the worker's servers. */
export function dnsmasqConfig({ address, domain }: DnsmasqOptions, { servers, aliases }: DnsRecords): string {
  return [
    'user=root',
    'no-hosts',
    'bind-interfaces',
    `listen-address=${address}`,
    `port=${dnsPort}`,
    `local=/${domain}/`,
    'local=/in-addr.arpa/',
    `hostsdir=${hostsFolder}`,
    'local-ttl=5',
    'cache-size=1000',
    'dns-forward-max=500',
    ...servers.map(({ name, target, port }) => `srv-host=${name},${target},${port},0,100`),
    ...aliases.map(({ name, target }) => `cname=${name},${target}`),
    '',
  ].join('\n')
}

/** Writes what differs from what this worker was last given, and sees that the process runs. */
export class Dnsmasq {
  private readonly machine: Machine
  private readonly options: DnsmasqOptions
  private hosts: string | undefined
  private config: string | undefined
  private checked = false

  constructor(machine: Machine, options: DnsmasqOptions) {
    this.machine = machine
    this.options = options
  }

  /** The worker may have been restarted: write everything and look after the process next time. */
  forget(): void {
    this.hosts = undefined
    this.config = undefined
    this.checked = false
  }

  async apply(records: DnsRecords): Promise<void> {
    const config = dnsmasqConfig(this.options, records)
    if (!this.checked) await execOrThrow(this.machine, ['mkdir', '-p', hostsFolder])
    if (records.hosts !== this.hosts) {
      this.hosts = undefined
      await this.machine.writeFile(`${hostsFolder}/services`, records.hosts)
      this.hosts = records.hosts
    }
    const before = this.config ?? (await this.readConfig())
    if (this.checked && config === before) return
    if (config !== before) await this.machine.writeFile(configFile, config)
    const how = config === before ? 'keep' : 'anew'
    await execOrThrow(this.machine, ['sh', '-c', ensureScript, 'sh', folder, configFile, pidFile, how])
    this.config = config
    this.checked = true
  }

  private async readConfig(): Promise<string | undefined> {
    const { code, stdout } = await this.machine.exec(['cat', configFile])
    return code === 0 ? stdout : undefined
  }
}
