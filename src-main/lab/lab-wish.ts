/** What the user wants of the lab, written to the `Lab` object that the lab controller follows. */
import { isReason } from '../api/errors.ts'
import { lab } from '../api/kinds/lab/lab.ts'
import type { Live } from '../api/meta/object.ts'
import type { Lab } from '../api/types/lab-v1.ts'
import type { Client } from '../client/client.ts'

export interface LabWish {
  readonly provider?: string
  readonly workers?: number
  readonly proxyMode?: 'iptables' | 'userspace'
}

export class LabWishError extends Error {
  override readonly name = 'LabWishError'
  readonly code = 'ProviderFixed'
}

export const labName = 'default'
const defaultWorkers = 2

/**
 * Makes the lab when it is not there, else changes only what was asked for. `power` absent: a lab that is there keeps
 * its power, a new one is off. Throws LabWishError for another provider than that of the machines that exist.
 */
export async function ensureLab(
  client: Client,
  wish: LabWish,
  bestProvider: () => Promise<string>,
  power: 'On' | undefined,
): Promise<Live<Lab>> {
  const existing = await findLab(client)
  if (existing === undefined) {
    const spec = {
      provider: wish.provider ?? (await bestProvider()),
      workers: wish.workers ?? defaultWorkers,
      proxyMode: wish.proxyMode ?? 'iptables',
      power: power ?? 'Off',
    } as const
    try {
      return await client.create(lab, { metadata: { name: labName }, spec })
    } catch (error) {
      // Another server of the same cluster was quicker.
      if (!isReason(error, 'AlreadyExists')) throw error
      return ensureLab(client, wish, bestProvider, power)
    }
  }
  const provider = existing.spec?.provider
  if (wish.provider !== undefined && wish.provider !== provider) {
    throw new LabWishError(
      `this lab's workers come from the provider ${provider}; remove it by "npm run down" to start one with ${wish.provider}`,
    )
  }
  const spec = { ...wish, ...(power === undefined ? {} : { power }) }
  return client.patch(lab, { name: labName }, { type: 'merge', patch: { spec } })
}

async function findLab(client: Client): Promise<Live<Lab> | undefined> {
  try {
    return await client.get(lab, { name: labName })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
