import { execOrThrow, type Machine } from '../../../machines/machine.ts'
import { isServiceChain } from './chains.ts'
import { nothingApplied, restoreText, type AppliedRules } from './restore-text.ts'
import type { Ruleset } from './rules.ts'

/** The places from which the kernel enters our chains. Safe to run again. */
const jumpsScript = `set -e
ensure() {
  table=$1 from=$2; shift 2
  iptables -w 5 -t "$table" -C "$from" "$@" 2>/dev/null || iptables -w 5 -t "$table" -I "$from" "$@"
}
iptables-restore --noflush -w 5 <<CHAINS
*filter
:KUBE-SERVICES - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FORWARD - [0:0]
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-POSTROUTING - [0:0]
COMMIT
CHAINS
ensure nat PREROUTING -m comment --comment 'service portals' -j KUBE-SERVICES
ensure nat OUTPUT -m comment --comment 'service portals' -j KUBE-SERVICES
ensure nat POSTROUTING -m comment --comment 'postrouting rules' -j KUBE-POSTROUTING
ensure filter FORWARD -m comment --comment 'forwarding rules' -j KUBE-FORWARD
for chain in INPUT FORWARD OUTPUT; do
  ensure filter "$chain" -m conntrack --ctstate NEW -m comment --comment 'services without endpoints' -j KUBE-SERVICES
done
for chain in INPUT FORWARD; do
  ensure filter "$chain" -m conntrack --ctstate NEW -m comment --comment 'outside services without endpoints' -j KUBE-EXTERNAL-SERVICES
done
`

/** Keeps one worker's rules equal to what is wanted, and remembers what it wrote. */
export class IptablesApplier {
  private readonly machine: Machine
  private applied: AppliedRules | undefined

  constructor(machine: Machine) {
    this.machine = machine
  }

  /** The worker may have lost or changed its rules: write all of them next time. */
  forget(): void {
    this.applied = undefined
  }

  /** Returns how many bytes were written; 0 when nothing differs. */
  async apply(wanted: Ruleset): Promise<number> {
    const applied = this.applied ?? (await this.inspect())
    // If the write fails, nobody knows what is there.
    this.applied = undefined
    const text = restoreText(wanted, applied)
    if (text !== undefined)
      await execOrThrow(this.machine, ['iptables-restore', '--noflush', '-w', '5'], { stdin: text })
    this.applied = { ...wanted, strangers: [] }
    return text?.length ?? 0
  }

  private async inspect(): Promise<AppliedRules> {
    const saved = await execOrThrow(this.machine, ['iptables-save', '-t', 'nat'])
    const chains = [...saved.matchAll(/^:(\S+)/gm)].map(([, name = '']) => name)
    await this.ensureJumps(chains)
    return { ...nothingApplied, strangers: chains.filter(isServiceChain) }
  }

  /** The script empties our entry chains, so that traffic would miss them: it runs only where they are not there yet. */
  private async ensureJumps(chains: readonly string[]): Promise<void> {
    if (chains.includes('KUBE-SERVICES') && chains.includes('KUBE-POSTROUTING')) return
    await execOrThrow(this.machine, ['sh', '-c', jumpsScript])
  }
}
