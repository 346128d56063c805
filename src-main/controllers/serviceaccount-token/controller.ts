/** Fills in secrets of type `kubernetes.io/service-account-token`, and removes those whose account is gone. */
import { isReason } from '../../api/errors.ts'
import { base64OfText, secret as secretKind } from '../../api/kinds/core/secret.ts'
import { serviceAccount as accountKind } from '../../api/kinds/core/service-account.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Secret, ServiceAccount } from '../../api/types/core-v1.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'

const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'

/** A token without an end for an account, that is worth something as long as this secret has it. */
export type IssueLegacyToken = (
  namespace: string,
  account: { readonly name: string; readonly uid: string },
  secretName: string,
) => string

export type TokenSecretPlan =
  | { readonly type: 'keep' | 'delete' }
  | { readonly type: 'fill'; readonly data: Record<string, string>; readonly annotations: Record<string, string> }

/** Pure but for the token that `issue` makes when there is none yet. */
export function planTokenSecret(
  secret: Live<Secret>,
  account: Live<ServiceAccount> | undefined,
  rootCertificates: string,
  issue: IssueLegacyToken,
): TokenSecretPlan {
  const { namespace = '', name, annotations = {} } = secret.metadata
  if (secret.metadata.deletionTimestamp !== undefined) return { type: 'keep' }
  const uid = annotations[uidAnnotation] ?? ''
  if (account === undefined || (uid !== '' && uid !== account.metadata.uid)) return { type: 'delete' }
  const { data = {} } = secret
  const wanted = {
    'ca.crt': base64OfText(rootCertificates),
    namespace: base64OfText(namespace),
    token: data['token'] ?? '',
  }
  const complete = wanted.token !== '' && data['ca.crt'] === wanted['ca.crt'] && data['namespace'] === wanted.namespace
  if (complete && uid !== '') return { type: 'keep' }
  if (wanted.token === '') wanted.token = base64OfText(issue(namespace, account.metadata, name))
  return {
    type: 'fill',
    data: { ...data, ...wanted },
    annotations: { ...annotations, [uidAnnotation]: account.metadata.uid },
  }
}

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
  return runController({
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
      if (secret === undefined) return
      const plan = planTokenSecret(secret, accounts.lister.byKey(accountOf(secret)), rootCertificates, issue)
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
}
