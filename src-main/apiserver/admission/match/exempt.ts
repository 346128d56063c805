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

/** Whether webhooks and policies never see requests about this kind. */
export const isExempt = ({ group, plural }: Pick<Kind, 'group' | 'plural'>): boolean =>
  group === 'admissionregistration.k8s.io' && exempt.has(plural)
