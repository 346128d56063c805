import { defineKind, type Column } from '../../define-kind.ts'
import type { PodTemplate } from '../../types/core-v1.ts'
import { podWarnings } from '../../warnings/pod-warnings.ts'
import { startGeneration } from '../generation.ts'
import { column, containerColumns, labelsText, nameColumn } from '../table-columns.ts'
import { defaultPodTemplate } from './pod-spec/defaults.ts'
import { validatePodTemplate } from './pod-spec/validate.ts'

const columns: readonly Column<PodTemplate>[] = [
  nameColumn,
  ...containerColumns<PodTemplate>(({ template }) => template?.spec).map((one) => ({ ...one, priority: 0 as const })),
  column('Pod Labels', 'string', ({ template }) => labelsText(template?.metadata?.labels)),
]

export const podTemplate = defineKind<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  ownColumns: true,
  columns,
  defaults: ({ template }) => defaultPodTemplate(template),
  validate: ({ template }) => validatePodTemplate(template, 'template'),
  prepareCreate: startGeneration,
  warn: ({ template }) => podWarnings(template ?? {}, 'template.'),
})
