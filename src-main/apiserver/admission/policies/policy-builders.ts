/** For tests: policies about Deployments and their bindings. */
import { kindByResource } from '../../../api/kinds/index.ts'
import type { Kind } from '../../../api/define-kind.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type {
  MutatingAdmissionPolicySpec,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from '../../../api/types/admissionregistration-v1.ts'

const group = 'admissionregistration.k8s.io'
export const validatingPolicyKind = kindByResource(group, 'v1', 'validatingadmissionpolicies') as Kind<DynamicObject>
export const validatingBindingKind = kindByResource(
  group,
  'v1',
  'validatingadmissionpolicybindings',
) as Kind<DynamicObject>
export const mutatingPolicyKind = kindByResource(group, 'v1', 'mutatingadmissionpolicies') as Kind<DynamicObject>
export const mutatingBindingKind = kindByResource(group, 'v1', 'mutatingadmissionpolicybindings') as Kind<DynamicObject>

const aboutDeployments = {
  resourceRules: [
    { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
  ],
}

export const aValidatingPolicy = (spec: ValidatingAdmissionPolicySpec, name = 'policy'): DynamicObject => ({
  metadata: { name },
  spec: { matchConstraints: aboutDeployments, ...spec },
})

export const aValidatingBinding = (
  spec: Partial<ValidatingAdmissionPolicyBindingSpec> = {},
  name = 'binding',
): DynamicObject => ({
  metadata: { name },
  spec: { policyName: 'policy', validationActions: ['Deny'], ...spec },
})

export const aMutatingPolicy = (spec: MutatingAdmissionPolicySpec, name = 'policy'): DynamicObject => ({
  metadata: { name },
  spec: { matchConstraints: aboutDeployments, reinvocationPolicy: 'Never', ...spec },
})

export const aMutatingBinding = (spec: object = {}, name = 'binding'): DynamicObject => ({
  metadata: { name },
  spec: { policyName: 'policy', ...spec },
})

export const aDeployment = (name: string, spec: object = {}, namespace = 'default'): DynamicObject => ({
  metadata: { name, namespace },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    ...spec,
  },
})
