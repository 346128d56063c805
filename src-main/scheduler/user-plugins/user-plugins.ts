/** The user's plugins that are loaded now. A new text takes the old one's place between two pods. */
import type { Disposable } from '../../lib/disposable.ts'
import type { PluginSource } from './plugin-source.ts'
import { UserPlugin, type UserPluginOptions } from './user-plugin.ts'

export class UserPlugins implements Disposable {
  private readonly sources = new Map<string, PluginSource>()
  private plugins: readonly UserPlugin[] = []
  private readonly options: UserPluginOptions
  private readonly onChange: () => void
  private readonly ending = new Set<Promise<void>>()

  constructor(options: UserPluginOptions, onChange: () => void) {
    this.options = options
    this.onChange = onChange
  }

  /** In the order of their names. */
  all(): readonly UserPlugin[] {
    return this.plugins
  }

  /** `origin` is where the source stands; a source that is undefined was taken away. */
  set(origin: string, source: PluginSource | undefined): void {
    const known = this.sources.get(origin)
    if (known?.text === source?.text && known?.name === source?.name) return
    if (source === undefined) this.sources.delete(origin)
    else this.sources.set(origin, source)
    this.load()
    this.onChange()
  }

  async dispose(): Promise<void> {
    for (const plugin of this.plugins) this.end(plugin)
    this.plugins = []
    await Promise.all(this.ending)
  }

  private load(): void {
    const wanted = new Map<string, PluginSource>()
    // Of two with one name, the later origin wins: `file …` stands before `object …`.
    for (const [, source] of [...this.sources].sort(([a], [b]) => (a < b ? -1 : 1))) wanted.set(source.name, source)
    const kept = this.plugins.filter(({ source }) => wanted.get(source.name) === source)
    for (const plugin of this.plugins) if (!kept.includes(plugin)) this.end(plugin)
    const known = new Map(kept.map((plugin) => [plugin.name, plugin]))
    this.plugins = [...wanted.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((source) => known.get(source.name) ?? new UserPlugin(source, this.options))
  }

  private end(plugin: UserPlugin): void {
    const ended = plugin.dispose().finally(() => this.ending.delete(ended))
    this.ending.add(ended)
  }
}
