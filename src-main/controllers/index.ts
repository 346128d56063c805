/** The controllers, each under its own identity, on shared caches. */
import type { Kind } from '../api/define-kind.ts'
import { kinds } from '../api/kinds/index.ts'
import type { Client } from '../client/client.ts'
import { createEventRecorder } from '../client/events.ts'
import { createInformers } from '../client/informers.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { ControllerContext, StartController } from './context.ts'
import { startAttachDetachController } from './attach-detach/controller.ts'
import { startBootstrapSigner } from './bootstrap-signer/controller.ts'
import { startBootstrapTokenCleaner } from './bootstrap-token-cleaner/controller.ts'
import { startCertificateApprover } from './certificates/approve.ts'
import { startCertificateCleaner } from './certificates/clean.ts'
import { startCertificateSigner, type SignCertificate } from './certificates/sign.ts'
import { startClusterRoleAggregation } from './clusterrole-aggregation/controller.ts'
import { startCronJobController } from './cronjob/controller.ts'
import { startDaemonSetController } from './daemonset/controller.ts'
import { startDeploymentController } from './deployment/controller.ts'
import { startDisruptionController } from './disruption/controller.ts'
import { startStaleDisruptionController } from './disruption/stale-condition.ts'
import { startEndpointsController } from './endpoints/controller.ts'
import { startEndpointSliceController } from './endpointslice/controller.ts'
import { startEndpointSliceMirroring } from './endpointslice-mirroring/controller.ts'
import { startGarbageCollector } from './garbage-collector/controller.ts'
import { startAutoscalerController } from './horizontal-pod-autoscaler/controller.ts'
import { startEphemeralVolumeController } from './ephemeral-volume/controller.ts'
import { startLoadBalancerController } from './load-balancer/controller.ts'
import { startLocalPathProvisioner } from './local-path/controller.ts'
import { localPath } from './local-path/plan.ts'
import { startPersistentVolumeBinder } from './persistent-volume/controller.ts'
import { startExpandController } from './persistent-volume/expand.ts'
import { startJobController } from './job/controller.ts'
import { startNamespaceController } from './namespace/controller.ts'
import { startNodeLifecycleController } from './node-lifecycle/controller.ts'
import { startPodGcController } from './pod-gc/controller.ts'
import { startReplicaSetController } from './replicaset/controller.ts'
import { startReplicationControllerController } from './replicationcontroller/controller.ts'
import { startResourceQuotaController } from './resource-quota/controller.ts'
import { startRootCaController } from './root-ca/controller.ts'
import { startServiceAccountController } from './serviceaccount/controller.ts'
import { startTokenSecretController } from './serviceaccount-token/controller.ts'
import type { IssueLegacyToken } from './serviceaccount-token/plan.ts'
import { startStatefulSetController } from './statefulset/controller.ts'
import { startServiceCidrController } from './service-cidr/controller.ts'
import { startAttributeClassProtection } from './storage-protection/attribute-classes.ts'
import { startClaimProtection } from './storage-protection/claims.ts'
import { startVolumeProtection } from './storage-protection/volumes.ts'
import { startTaintEvictionController } from './taint-eviction/controller.ts'
import { startTtlController } from './ttl/controller.ts'
import { startTtlAfterFinishedController } from './ttl-after-finished/controller.ts'

export interface ControllersOptions {
  /** A client under the identity of this name: `deployment-controller`, or `kube-controller-manager` for the caches. */
  readonly clientFor: (name: string) => Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  /** The certificate authority of the API server, in PEM: what pods trust. */
  readonly rootCertificates: string
  /** Signs certificates of the cluster's own signers; absent: approved requests wait for somebody else. */
  readonly signCertificate?: SignCertificate
  /** Makes the tokens of secrets; absent: such secrets stay empty. */
  readonly issueLegacyToken?: IssueLegacyToken
  /** Where the addresses of load balancers come from, such as `10.30.255.0/24`; absent: services get none. */
  readonly loadBalancers?: string
  /** All kinds that the API server serves now, also those of CRDs; absent: the built-in ones. */
  readonly servedKinds?: () => readonly Kind[]
}

/** Names are those of Kubernetes' own controllers, so that rights and the audit log read alike. */
function controllersOf({
  rootCertificates,
  signCertificate,
  issueLegacyToken,
  loadBalancers,
  servedKinds = () => kinds,
}: ControllersOptions): readonly (readonly [name: string, start: StartController])[] {
  return [
    ['deployment-controller', startDeploymentController],
    ['replicaset-controller', startReplicaSetController],
    ['daemon-set-controller', startDaemonSetController],
    ['replication-controller', startReplicationControllerController],
    ['statefulset-controller', startStatefulSetController],
    ['job-controller', startJobController],
    ['cronjob-controller', startCronJobController],
    ['horizontal-pod-autoscaler', (context) => startAutoscalerController(context, servedKinds)],
    ['persistent-volume-binder', startPersistentVolumeBinder],
    ['attachdetach-controller', startAttachDetachController],
    ['expand-controller', (context) => startExpandController(context, localPath)],
    ['ephemeral-volume-controller', startEphemeralVolumeController],
    ['local-path-provisioner', startLocalPathProvisioner],
    ['ttl-after-finished-controller', startTtlAfterFinishedController],
    ['endpointslice-controller', startEndpointSliceController],
    ['endpointslicemirroring-controller', startEndpointSliceMirroring],
    ['endpoint-controller', startEndpointsController],
    ['node-lifecycle-controller', startNodeLifecycleController],
    ['ttl-controller', startTtlController],
    ['taint-eviction-controller', startTaintEvictionController],
    ['pod-garbage-collector', startPodGcController],
    ['namespace-controller', (context) => startNamespaceController(context, servedKinds)],
    ['generic-garbage-collector', (context) => startGarbageCollector(context, servedKinds)],
    ['resourcequota-controller', (context) => startResourceQuotaController(context, servedKinds)],
    ...optional('service-controller', loadBalancers, startLoadBalancerController),
    ['disruption-controller', (context) => startDisruptionController(context, servedKinds)],
    ['disruption-controller', startStaleDisruptionController],
    ['service-cidrs-controller', startServiceCidrController],
    ['pvc-protection-controller', startClaimProtection],
    ['pv-protection-controller', startVolumeProtection],
    ['volumeattributesclass-protection-controller', startAttributeClassProtection],
    ['service-account-controller', startServiceAccountController],
    ['root-ca-certificate-publisher', (context) => startRootCaController(context, rootCertificates)],
    ['clusterrole-aggregation-controller', startClusterRoleAggregation],
    ['token-cleaner', startBootstrapTokenCleaner],
    ['bootstrap-signer', startBootstrapSigner],
    ['certificatesigningrequest-approving-controller', startCertificateApprover],
    ['certificatesigningrequest-cleaner-controller', startCertificateCleaner],
    ...optional('certificatesigningrequest-signing-controller', signCertificate, startCertificateSigner),
    ...optional('serviceaccount-token-controller', issueLegacyToken, (context, issue) =>
      startTokenSecretController(context, rootCertificates, issue),
    ),
  ]
}

/** Under "From", `kubectl describe` shows these for controllers that Kubernetes' events call by another name than requests. */
const reportingNames: Readonly<Record<string, string>> = {
  'daemon-set-controller': 'daemonset-controller',
  'persistent-volume-binder': 'persistentvolume-controller',
  'expand-controller': 'volume_expand',
  'ephemeral-volume-controller': 'ephemeral_volume',
  'endpointslice-controller': 'endpoint-slice-controller',
  'endpointslicemirroring-controller': 'endpoint-slice-mirroring-controller',
  'node-lifecycle-controller': 'node-controller',
  'generic-garbage-collector': 'garbage-collector-controller',
  'disruption-controller': 'controllermanager',
}

/** A controller that is of no use without what it is given. */
function optional<T>(
  name: string,
  tool: T | undefined,
  start: (context: ControllerContext, tool: T) => Disposable,
): readonly (readonly [name: string, start: StartController])[] {
  return tool === undefined ? [] : [[name, (context) => start(context, tool)]]
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
    const component = reportingNames[name] ?? name
    const events = createEventRecorder({ client, component, clock, random, log: ownLog })
    started.use(start({ client, informers, events, clock, random, log: ownLog, probe }))
  }
  const informersRunning = informers.start()
  return started
}
