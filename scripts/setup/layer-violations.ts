import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'

export interface LayerViolation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

interface Configuration {
  readonly forbidden: IFlattenedRuleSet['forbidden']
  readonly options: Record<string, unknown>
}

/** The imports below `baseFolder` that break a dependency rule of the project. */
export async function layerViolations(baseFolder: string, folders: readonly string[]): Promise<LayerViolation[]> {
  const file = join(import.meta.dirname, '../../.dependency-cruiser.json')
  const { forbidden, options } = JSON.parse(readFileSync(file, 'utf8')) as Configuration
  const { output } = await cruise([...folders], {
    ...options,
    baseDir: baseFolder,
    validate: true,
    ruleSet: { forbidden },
  })
  if (typeof output === 'string') throw new Error(`dependency-cruiser answered with text: ${output}`)
  const { summary } = output as ICruiseResult
  if (summary.totalCruised === 0) throw new Error(`no file found below ${baseFolder}: ${folders.join(', ')}`)
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
}
