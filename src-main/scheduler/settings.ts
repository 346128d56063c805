/** The scheduler's configuration and the user's plugins, as ConfigMaps in kube-system say now. */
import { configMap } from '../api/kinds/core/config-map.ts'
import type { Live } from '../api/meta/object.ts'
import type { ConfigMap, Pod } from '../api/types/core-v1.ts'
import type { EventRecorder } from '../client/events.ts'
import type { Informers } from '../client/informers.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import {
  defaultConfiguration,
  defaultSchedulerName,
  type Profile,
  type SchedulerConfiguration,
} from './configuration/configuration.ts'
import { readConfiguration } from './configuration/read-configuration.ts'
import { Extender } from './extenders/extender.ts'
import type { OutsideRule } from './outside-rules.ts'
import { followPluginFolder } from './user-plugins/plugin-folder.ts'
import {
  configurationName,
  pluginLabel,
  pluginNameOfObject,
  pluginNamespace,
  type PluginSource,
} from './user-plugins/plugin-source.ts'
import { defaultPluginLimits, type PluginError, type PluginLimits } from './user-plugins/plugin-thread.ts'
import { UserPlugins } from './user-plugins/user-plugins.ts'

export interface SettingsOptions {
  readonly informers: Informers
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Holds for as long as no ConfigMap says otherwise. */
  readonly configuration?: SchedulerConfiguration
  readonly pluginFolder?: string
  readonly pluginLimits?: PluginLimits
  /** Told after every change. */
  readonly onChange: () => void
}

const scope = { namespace: pluginNamespace }
const configurationScope = { ...scope, fieldSelector: `metadata.name=${configurationName}` }
const pluginScope = { ...scope, labelSelector: `${pluginLabel}=true` }

export class Settings {
  private readonly plugins: UserPlugins
  private readonly options: SettingsOptions
  private profiles = new Map<string, Profile>()
  private configuration: SchedulerConfiguration
  private ofExtenders: readonly Extender[] = []

  constructor(options: SettingsOptions) {
    this.options = options
    const { informers, clock, random, pluginLimits: limits = defaultPluginLimits } = options
    this.configuration = options.configuration ?? defaultConfiguration
    this.take(this.configuration)
    const onFault = (source: PluginSource, fault: PluginError): void => this.reportFault(source, fault)
    this.plugins = new UserPlugins({ clock, random, limits, onFault }, options.onChange)
    // The first list of both belongs to what the scheduler waits for before its first decision.
    informers.of(configMap, configurationScope)
    informers.of(configMap, pluginScope)
  }

  get current(): SchedulerConfiguration {
    return this.configuration
  }

  get extenders(): readonly Extender[] {
    return this.ofExtenders
  }

  /** Undefined: the pod is another scheduler's. */
  profileOf({ spec }: Pod): Profile | undefined {
    return this.profiles.get(spec?.schedulerName ?? defaultSchedulerName)
  }

  /** The rules outside of this thread that concern the pod; none is the usual case. */
  rulesFor(pod: Live<Pod>): readonly OutsideRule[] {
    const plugins = this.plugins.all()
    if (plugins.length === 0 && this.ofExtenders.length === 0) return []
    return [...plugins, ...this.ofExtenders].filter((rule) => rule.concerns(pod))
  }

  follow(): Disposable {
    const { informers, pluginFolder, clock, log } = this.options
    const started = new DisposableStack()
    started.use(this.plugins)
    const configure = (object: Live<ConfigMap> | undefined): void => this.configure(object)
    started.use(
      informers.of(configMap, configurationScope).on({
        added: configure,
        updated: (_, object) => configure(object),
        deleted: () => configure(undefined),
      }),
    )
    const load = (object: Live<ConfigMap>): void => this.plugins.set(originOf(object), sourceIn(object))
    started.use(
      informers.of(configMap, pluginScope).on({
        added: load,
        updated: (_, object) => load(object),
        deleted: (object) => this.plugins.set(originOf(object), undefined),
      }),
    )
    if (pluginFolder !== undefined) started.use(followPluginFolder({ folder: pluginFolder, clock, log }, this.plugins))
    return started
  }

  /** A configuration that cannot be read changes nothing. */
  private configure(object: Live<ConfigMap> | undefined): void {
    const { log, events, onChange } = this.options
    const text = object?.data?.['config.yaml']
    try {
      if (object !== undefined && text === undefined) throw new Error('data has no config.yaml')
      const base = this.options.configuration ?? defaultConfiguration
      this.take(text === undefined ? base : readConfiguration(text))
      onChange()
    } catch (error) {
      const message = describeError(error)
      log.warn(`the scheduler's configuration is not taken: ${message}`)
      if (object !== undefined) events.event(aboutMap(object), 'Warning', 'InvalidConfiguration', message)
    }
  }

  private take(configuration: SchedulerConfiguration): void {
    this.configuration = configuration
    this.profiles = new Map(configuration.profiles.map((profile) => [profile.schedulerName, profile]))
    this.ofExtenders = configuration.extenders.map((settings) => new Extender(settings, this.options.clock))
  }

  private reportFault({ name, origin }: PluginSource, fault: PluginError): void {
    const { log, events, informers } = this.options
    const message = describeError(fault)
    log.warn(`${message}; pods are scheduled without it`, { plugin: name, origin, code: fault.code })
    const object = informers
      .of(configMap, pluginScope)
      .lister.list()
      .find((one) => originOf(one) === origin)
    if (object !== undefined) events.event(aboutMap(object), 'Warning', 'SchedulerPluginFailed', message)
  }
}

const aboutMap = (object: Live<ConfigMap>): Live<ConfigMap> => ({ ...object, apiVersion: 'v1', kind: 'ConfigMap' })
const originOf = ({ metadata }: Live<ConfigMap>): string => `object ${metadata.namespace ?? ''}/${metadata.name}`

function sourceIn(object: Live<ConfigMap>): PluginSource | undefined {
  const text = object.data?.['plugin.ts']
  return text === undefined
    ? undefined
    : { name: pluginNameOfObject(object.metadata.name), text, origin: originOf(object) }
}
