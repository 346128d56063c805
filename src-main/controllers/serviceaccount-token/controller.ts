/** Fills in secrets of type `kubernetes.io/service-account-token`, and removes those whose account is gone. */
import { isReason } from '../../api/errors.ts'
import { secret as secretKind } from '../../api/kinds/core/secret.ts'
import { serviceAccount as accountKind } from '../../api/kinds/core/service-account.ts'
import { keyOf, splitKey, type Live } from '../../api/meta/object.ts'
import type { Secret, ServiceAccount } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import {
  nameAnnotation,
  planTokenSecret,
  uidAnnotation,
  withoutSecret,
  type IssueLegacyToken,
  type TokenSecretPlan,
} from './plan.ts'

export function startTokenSecretController(
  context: ControllerContext,
  rootCertificates: string,
  issue: IssueLegacyToken,
): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const secrets = informers.of(secretKind, { fieldSelector: 'type=kubernetes.io/service-account-token' })
  const accounts = informers.of(accountKind)
  const accountOf = ({ metadata }: Live<Secret>): string =>
    `${metadata.namespace ?? ''}/${metadata.annotations?.[nameAnnotation] ?? ''}`
  /** The accounts of secrets that have gone, by the keys of the secrets. */
  const gone = new Map<string, { readonly account: string; readonly uid: string }>()
  const forget = async (key: string, cause: ReconcileContext['cause']): Promise<void> => {
    const left = gone.get(key)
    const account = accounts.lister.byKey(left?.account ?? '')
    const isSame = account !== undefined && (left?.uid === '' || left?.uid === account.metadata.uid)
    const wanted = isSame ? withoutSecret(account, splitKey(key).name) : undefined
    if (wanted !== undefined) await client.update(accountKind, wanted, { cause })
    gone.delete(key)
  }
  /** The cache may be old, and a secret that is removed by mistake takes its token along. */
  const liveAccount = async (key: string): Promise<Live<ServiceAccount> | undefined> => {
    const { namespace = '', name } = splitKey(key)
    if (name === '') return undefined
    try {
      return await client.get(accountKind, { namespace, name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
  const started = new DisposableStack()
  started.use(
    secrets.on({
      added: (secret) => void gone.delete(keyOf(secret)),
      deleted: (secret) => {
        const uid = secret.metadata.annotations?.[uidAnnotation] ?? ''
        gone.set(keyOf(secret), { account: accountOf(secret), uid })
      },
    }),
  )
  const controller = runController({
    name: 'serviceaccount-token',
    kind: secretKind,
    sources: [
      watchOwn(secrets),
      watchMapped(accounts, ({ metadata }) =>
        secrets.lister
          .list()
          .filter((secret) => accountOf(secret) === `${metadata.namespace ?? ''}/${metadata.name}`)
          .map((secret) => `${secret.metadata.namespace ?? ''}/${secret.metadata.name}`),
      ),
    ],
    async reconcile(key, { cause }) {
      const secret = secrets.lister.byKey(key)
      if (secret === undefined) return forget(key, cause)
      const planFor = (account: Live<ServiceAccount> | undefined): TokenSecretPlan =>
        planTokenSecret(secret, account, rootCertificates, issue)
      let plan = planFor(accounts.lister.byKey(accountOf(secret)))
      if (plan.type === 'delete') plan = planFor(await liveAccount(accountOf(secret)))
      const { name, namespace = '', uid } = secret.metadata
      if (plan.type === 'fill') {
        const metadata = { ...secret.metadata, annotations: plan.annotations }
        await client.update(secretKind, { ...secret, metadata, data: plan.data }, { cause })
      }
      if (plan.type !== 'delete') return
      await client
        .delete(secretKind, { name, namespace }, { preconditions: { uid }, cause })
        .catch((error: unknown) => {
          if (!isReason(error, 'NotFound', 'Conflict')) throw error
        })
    },
    clock,
    random,
    log,
    probe,
  })
  started.use(controller)
  return started
}
