/**
 * The name servers of one worker: files, and processes that outlive the app. dnsmasq takes on new records other than
 * addresses only by a restart, in which it answers nothing. Two answer the same, therefore, and are restarted one after
 * the other; before them stands a third, which asks both and is never restarted.
 */
import { execOrThrow, type Machine } from '../../machines/machine.ts'
import type { DnsRecords } from './records.ts'

export const dnsPort = 10_053

const folder = '/run/orrery/dns'
const hostsFolder = `${folder}/hosts`
const answererPorts = [10_054, 10_055] as const

/**
 * Arguments: folder, configuration and pid file. A loop of the shell, which the app's end does not end, starts dnsmasq
 * again whenever it goes: after a fault, and when we end it because its configuration is newer than it is. Returns when it
 * runs.
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
elif [ "$2" -nt "$3" ]; then
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
  /** Where pods' questions arrive. */
  readonly address: string
  /** `cluster.local`. */
  readonly domain: string
}

/** Asks both, and takes the first answer: one that is being restarted gives none. */
export function relayConfig({ address }: Pick<DnsmasqOptions, 'address'>): string {
  return [
    'user=root',
    'no-hosts',
    'no-resolv',
    'bind-interfaces',
    `listen-address=${address}`,
    `port=${dnsPort}`,
    ...answererPorts.map((port) => `server=127.0.0.1#${port}`),
    'all-servers',
    'cache-size=0',
    'dns-forward-max=1000',
    '',
  ].join('\n')
}

/** Everything below the domain is answered here; other names go to the worker's servers. */
export function answererConfig(domain: string, port: number, { servers, aliases }: DnsRecords): string {
  return [
    'user=root',
    'no-hosts',
    'bind-interfaces',
    'listen-address=127.0.0.1',
    `port=${port}`,
    `local=/${domain}/`,
    'local=/in-addr.arpa/',
    `hostsdir=${hostsFolder}`,
    'local-ttl=5',
    'cache-size=1000',
    'dns-forward-max=500',
    ...servers.map(({ name, target, port: to }) => `srv-host=${name},${target},${to},0,100`),
    ...aliases.map(({ name, target }) => `cname=${name},${target}`),
    '',
  ].join('\n')
}

/** Writes what differs from what this worker was last given, and sees that the processes run. */
export class Dnsmasq {
  private readonly machine: Machine
  private readonly options: DnsmasqOptions
  private hosts: string | undefined
  /** By folder: the configuration with which a process is known to run. */
  private readonly running = new Map<string, string>()

  constructor(machine: Machine, options: DnsmasqOptions) {
    this.machine = machine
    this.options = options
  }

  /** The worker may have been restarted: write everything and look after the processes next time. */
  forget(): void {
    this.hosts = undefined
    this.running.clear()
  }

  /** Takes effect at once, without any interruption. */
  async applyHosts({ hosts }: DnsRecords): Promise<void> {
    if (hosts === this.hosts) return
    if (this.hosts === undefined) await execOrThrow(this.machine, ['mkdir', '-p', hostsFolder])
    this.hosts = undefined
    await this.machine.writeFile(`${hostsFolder}/services`, hosts)
    this.hosts = hosts
  }

  async applyConfig(records: DnsRecords): Promise<void> {
    for (const port of answererPorts) {
      await this.ensure(`${folder}/${port}`, answererConfig(this.options.domain, port, records))
    }
    await this.ensure(folder, relayConfig(this.options))
  }

  /** Each process has a folder with its configuration and its process id. */
  private async ensure(ofProcess: string, config: string): Promise<void> {
    if (config === this.running.get(ofProcess)) return
    const configFile = `${ofProcess}/dnsmasq.conf`
    const pidFile = `${ofProcess}/dnsmasq.pid`
    if (config !== (await this.readConfig(ofProcess, configFile))) await this.machine.writeFile(configFile, config)
    await execOrThrow(this.machine, ['sh', '-c', ensureScript, 'sh', ofProcess, configFile, pidFile])
    this.running.set(ofProcess, config)
  }

  private async readConfig(ofProcess: string, configFile: string): Promise<string | undefined> {
    const known = this.running.get(ofProcess)
    if (known !== undefined) return known
    await execOrThrow(this.machine, ['mkdir', '-p', hostsFolder, ofProcess])
    const { code, stdout } = await this.machine.exec(['cat', configFile])
    return code === 0 ? stdout : undefined
  }
}
