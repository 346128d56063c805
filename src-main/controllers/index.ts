/** The controllers, each under its own identity, on shared caches. */
import type { Client } from '../client/client.ts'
import { createEventRecorder } from '../client/events.ts'
import { createInformers } from '../client/informers.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { StartController } from './context.ts'
import { startDeploymentController } from './deployment/controller.ts'
import { startReplicaSetController } from './replicaset/controller.ts'

export interface ControllersOptions {
  /** A client under the identity of this name: `deployment-controller`, or `kube-controller-manager` for the caches. */
  readonly clientFor: (name: string) => Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  /** The certificate authority of the API server, in PEM: what pods trust. */
  readonly rootCertificates: string
}

/** Names are those of Kubernetes' own controllers, so that events and audit read alike. */
function controllersOf(_options: ControllersOptions): readonly (readonly [name: string, start: StartController])[] {
  return [
    ['deployment-controller', startDeploymentController],
    ['replicaset-controller', startReplicaSetController],
  ]
}

/** Starts every controller; disposing stops them and waits for what is under way. */
export function startControllers(options: ControllersOptions): Disposable {
  const { clientFor, clock, random, log, probe } = options
  const informers = createInformers(clientFor('kube-controller-manager'), { clock, random, log })
  const started = new DisposableStack()
  started.defer(() => informersRunning.dispose())
  for (const [name, start] of controllersOf(options)) {
    const client = clientFor(name)
    const ownLog = log.named(name)
    const events = createEventRecorder({ client, component: name, clock, random, log: ownLog })
    started.use(start({ client, informers, events, clock, random, log: ownLog, probe }))
  }
  const informersRunning = informers.start()
  return started
}
