/** What a secret with the token of a service account holds, and for how long it stays. */
import { base64OfText } from '../../api/kinds/core/secret.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Secret, ServiceAccount } from '../../api/types/core-v1.ts'

export const nameAnnotation = 'kubernetes.io/service-account.name'
export const uidAnnotation = 'kubernetes.io/service-account.uid'

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
    namespace: (data['namespace'] ?? '') === '' ? base64OfText(namespace) : (data['namespace'] ?? ''),
    token: data['token'] ?? '',
  }
  const complete = wanted.token !== '' && data['ca.crt'] === wanted['ca.crt'] && data['namespace'] === wanted.namespace
  if (complete) return { type: 'keep' }
  if (wanted.token === '') wanted.token = base64OfText(issue(namespace, account.metadata, name))
  return {
    type: 'fill',
    data: { ...data, ...wanted },
    annotations: { ...annotations, [uidAnnotation]: account.metadata.uid },
  }
}

/** The account without its reference to a secret; undefined when it has none. */
export function withoutSecret(account: Live<ServiceAccount>, secretName: string): Live<ServiceAccount> | undefined {
  const { secrets = [], ...rest } = account
  const others = secrets.filter(({ name }) => name !== secretName)
  if (others.length === secrets.length) return undefined
  return others.length === 0 ? rest : { ...rest, secrets: others }
}
