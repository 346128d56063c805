import { defaultDefinition } from '../../custom/definition/defaults.ts'
import { validateDefinition, validateDefinitionUpdate } from '../../custom/definition/validate.ts'
import { validateNames } from '../../custom/definition/validate-names.ts'
import { defineKind } from '../../define-kind.ts'
import { required } from '../../field-error.ts'
import { sameValue } from '../../meta/field-checks.ts'
import type { CustomResourceDefinition } from '../../types/apiextensions-v1.ts'
import { startGeneration } from '../generation.ts'

export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  short: ['crd', 'crds'],
  categories: ['api-extensions'],
  scope: 'Cluster',
  subresources: { status: true },
  defaults: defaultDefinition,
  updatesNeedVersion: true,
  prepareCreate(draft) {
    const storage = storageVersionOf(draft)
    draft.status = storage === undefined ? {} : { storedVersions: [storage] }
    startGeneration(draft)
  },
  prepareUpdate(draft, previous) {
    // Through the status, the versions that are stored may become fewer; through the object, the new one joins them.
    if (sameValue(draft.spec, previous.spec)) return
    const storage = storageVersionOf(draft)
    const stored = draft.status?.storedVersions ?? []
    if (storage !== undefined && !stored.includes(storage))
      draft.status = { ...draft.status, storedVersions: [...stored, storage] }
  },
  validateNew: (draft) => (draft.spec === undefined ? [required('spec')] : validateDefinition(draft)),
  validateUpdate: (draft, previous) =>
    draft.spec === undefined ? [required('spec')] : validateDefinitionUpdate(draft, previous),
  validateStatus: ({ status }) => validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames'),
})

const storageVersionOf = ({ spec }: CustomResourceDefinition): string | undefined =>
  spec?.versions?.find(({ storage }) => storage)?.name
