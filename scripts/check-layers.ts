/** Checks who imports whom in the sources; the rules stand in .dependency-cruiser.json. */
import { join } from 'node:path'
import { layerViolations } from './setup/layer-violations.ts'

const root = join(import.meta.dirname, '..')
const violations = await layerViolations(root, ['src-main', 'src-renderer'])
for (const { rule, from, to } of violations) console.error(`${rule}: ${from} → ${to}`)
if (violations.length > 0) process.exitCode = 1
