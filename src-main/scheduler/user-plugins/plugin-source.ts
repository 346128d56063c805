/** Where a user's plugins come from, and what they are called. */

export interface PluginSource {
  readonly name: string
  /** TypeScript or JavaScript: an ES module without imports. */
  readonly text: string
  /** For messages: `configmap kube-system/scheduler-plugin-x`, or the path of a file. */
  readonly origin: string
}

export const pluginLabel = 'scheduler.orrery.dev/plugin'
export const pluginNamespace = 'kube-system'
export const configurationName = 'kube-scheduler'
const prefix = 'scheduler-plugin-'

/** Plugins of files and objects lie side by side; of two with one name, the object's is taken. */
export const pluginNameOfObject = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name)

/** Undefined: the file is none of a plugin. */
export function pluginNameOfFile(fileName: string): string | undefined {
  return /^([a-z0-9][a-z0-9.-]*)\.(?:ts|js|mjs)$/.exec(fileName)?.[1]
}
