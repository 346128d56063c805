/** Objects that configure admission itself: nobody could mend a webhook or policy that refuses its own correction. */
import type { Kind } from '../../../api/define-kind.ts'

const exempt: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
])

/** Whether webhooks never see requests about this kind. */
export const isExempt = ({ group, plural }: Pick<Kind, 'group' | 'plural'>): boolean =>
  group === 'admissionregistration.k8s.io' && exempt.has(plural)

/** Questions of those who let others in: an expression that refused them could lock everybody out. */
const reviews: ReadonlySet<string> = new Set([
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
])

/** Whether admission policies never see requests about this kind. */
export const isExemptFromPolicies = (kind: Pick<Kind, 'group' | 'plural'>): boolean =>
  isExempt(kind) || reviews.has(`${kind.group}/${kind.plural}`)
