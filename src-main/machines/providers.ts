/** Every way to get a worker, the best first. */
import type { Availability, MachineProvider, ProviderContext } from './provider.ts'
import type { ProviderDependencies } from './providers/sandbox/sandbox.ts'
import { createSandboxProvider } from './providers/sandbox/provider.ts'
import { createSimulatedProvider } from './providers/simulated/provider.ts'

export type { ProviderDependencies }

export const providerNames = ['sandbox', 'simulated'] as const

export function createProviders(
  context: ProviderContext,
  dependencies: ProviderDependencies,
): readonly MachineProvider[] {
  return [createSandboxProvider(context, dependencies), createSimulatedProvider()]
}

export interface ProviderChoice {
  readonly provider: MachineProvider
  /** Better providers that this host cannot offer, with what is missing. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string; readonly remedy: string }[]
}

/** The first provider that this host can offer. */
export async function bestProvider(providers: readonly MachineProvider[]): Promise<ProviderChoice> {
  const passedOver: { name: string; reason: string; remedy: string }[] = []
  for (const provider of providers) {
    const answer: Availability = await provider.available()
    if (answer.available) return { provider, passedOver }
    passedOver.push({ name: provider.name, reason: answer.reason, remedy: answer.remedy })
  }
  throw new Error('no provider is available on this host')
}
