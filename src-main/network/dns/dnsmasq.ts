/** The dnsmasq of one worker: files, and a process that outlives the app. */
import { execOrThrow, type Machine } from '../../machines/machine.ts'
import type { DnsRecords } from './records.ts'

export const dnsPort = 10_053

const folder = '/run/orrery/dns'
const hostsFolder = `${folder}/hosts`
const configFile = `${folder}/dnsmasq.conf`
const pidFile = `${folder}/dnsmasq.pid`

/**
 * Arguments: folder, configuration, pid file, and whether to take on a new configuration. A loop of the shell, which the
 * app's end does not end, starts dnsmasq again whenever it goes: after a fault, and when we end it for its new
 * configuration. Returns when it runs.
 */
const ensureScript = `
runs() { [ -s "$1" ] && tr '\\0' ' ' <"/proc/$(cat "$1")/cmdline" 2>/dev/null | grep -q -- "$2"; }
loop='echo $$ >"$1/loop.pid"; while :; do dnsmasq --keep-in-foreground --conf-file="$2" --pid-file="$3"; sleep 0.1; done'
old=$(cat "$3" 2>/dev/null)
if ! runs "$1/loop.pid" orrery-dns; then
  runs "$3" dnsmasq && kill "$old"
  old=
  rm -f "$3"
  setsid sh -c "$loop" orrery-dns "$1" "$2" "$3" </dev/null >>"$1/log" 2>&1 &
elif [ "$4" = anew ]; then
  kill "$old"
else
  old=
fi
i=0
until runs "$3" dnsmasq && [ "$(cat "$3")" != "$old" ]; do
  i=$((i + 1))
  [ $i -lt 150 ] || { tail -n 1 "$1/log" >&2; exit 1; }
  sleep 0.02
done
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

  constructor(machine: Machine, options: DnsmasqOptions) {
    this.machine = machine
    this.options = options
  }

  /** The worker may have been restarted: write everything and look after the process next time. */
  forget(): void {
    this.hosts = undefined
    this.config = undefined
  }

  /** Takes effect at once, without any interruption. */
  async applyHosts({ hosts }: DnsRecords): Promise<void> {
    if (hosts === this.hosts) return
    if (this.hosts === undefined) await execOrThrow(this.machine, ['mkdir', '-p', hostsFolder])
    this.hosts = undefined
    await this.machine.writeFile(`${hostsFolder}/services`, hosts)
    this.hosts = hosts
  }

  /** A change of the other records starts dnsmasq anew: no answers for some hundred milliseconds. */
  async applyConfig(records: DnsRecords): Promise<void> {
    const config = dnsmasqConfig(this.options, records)
    if (config === this.config) return
    if (this.config === undefined) await execOrThrow(this.machine, ['mkdir', '-p', hostsFolder])
    const isOnWorker = config === (await this.readConfig())
    if (!isOnWorker) await this.machine.writeFile(configFile, config)
    const how = isOnWorker ? 'keep' : 'anew'
    await execOrThrow(this.machine, ['sh', '-c', ensureScript, 'sh', folder, configFile, pidFile, how])
    this.config = config
  }

  private async readConfig(): Promise<string | undefined> {
    if (this.config !== undefined) return this.config
    const { code, stdout } = await this.machine.exec(['cat', configFile])
    return code === 0 ? stdout : undefined
  }
}
