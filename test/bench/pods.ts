/** Pods as a Deployment makes them and a kubelet reports them, about 3.6 KB each, as the store keeps them. */
import { encodeForStore } from '../../src-main/apiserver/cache/cached-object.ts'
import { registryRoot } from '../../src-main/apiserver/registry/keys.ts'
import type { Store } from '../../src-main/store/store.ts'

/** So many pods lie in one namespace, on one node and in one Deployment. */
export const perNamespace = 500
export const perNode = 100
export const perApp = 150

const padded = (index: number): string => String(index).padStart(6, '0')
export const namespaceOf = (index: number): string => `team-${padded(Math.floor(index / perNamespace))}`
export const nodeOf = (index: number): string => `worker-${padded(Math.floor(index / perNode))}`
export const appOf = (index: number): string => `app-${padded(Math.floor(index / perApp))}`

const created = '2026-11-01T08:00:00Z'
const uid = (kind: number, index: number): string =>
  `${padded(index)}${kind}a-7c1e-4f5b-9d3a-${String(index * 7919).padStart(12, '0')}`

/** One pod; the same number gives the same pod. */
export function benchPod(index: number): Record<string, unknown> {
  const app = appOf(index)
  const hash = `6d9f${padded(index).slice(2)}`
  const name = `${app}-${hash}-${padded(index)}`
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
  const image = `registry.example/shop/${app}:1.14.2`
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      ...{ name, generateName: `${app}-${hash}-`, namespace: namespaceOf(index), uid: uid(1, index) },
      creationTimestamp: created,
      labels: { app, 'pod-template-hash': hash, 'app.kubernetes.io/part-of': 'shop', tier: 'backend' },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090', 'checksum/config': uid(2, index) },
      ownerReferences: [
        {
          ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-${hash}`, uid: uid(3, index) },
          ...{ controller: true, blockOwnerDeletion: true },
        },
      ],
      managedFields: [
        {
          ...{ manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'v1', time: created },
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:labels': { 'f:app': {}, 'f:tier': {} }, 'f:ownerReferences': {} },
            'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {}, 'f:env': {}, 'f:ports': {} } } },
          },
        },
      ],
    },
    spec: {
      volumes: [
        {
          name: 'kube-api-access',
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
              {
                downwardAPI: {
                  items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
                },
              },
            ],
            defaultMode: 420,
          },
        },
        { name: 'config', configMap: { name: `${app}-config`, defaultMode: 420 } },
      ],
      containers: [
        {
          ...{ name: 'web', image, imagePullPolicy: 'IfNotPresent' },
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: [
            { name: 'LOG_LEVEL', value: 'info' },
            { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: `${app}-db`, key: 'password' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
          volumeMounts: [
            { name: 'config', mountPath: '/etc/app' },
            { name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
          ],
          readinessProbe: {
            httpGet: { path: '/ready', port: 'http', scheme: 'HTTP' },
            ...{ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
          },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      ...{ restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst' },
      ...{ serviceAccountName: 'default', serviceAccount: 'default', nodeName: nodeOf(index), securityContext: {} },
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((state) => ({
        ...{ key: `node.kubernetes.io/${state}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      })),
      ...{ priority: 0, enableServiceLinks: true, preemptionPolicy: 'PreemptLowerPriority' },
    },
    status: {
      phase: 'Running',
      conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
        (type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: created }),
      ),
      ...{ hostIP: '192.168.1.1', hostIPs: [{ ip: '192.168.1.1' }], podIP: address, podIPs: [{ ip: address }] },
      startTime: created,
      containerStatuses: [
        {
          ...{ name: 'web', state: { running: { startedAt: created } }, lastState: {}, ready: true, restartCount: 0 },
          ...{ image, imageID: `${image}@sha256:${uid(4, index).repeat(2).replaceAll('-', '').slice(0, 64)}` },
          ...{ containerID: `docker://${uid(5, index).repeat(2).replaceAll('-', '').slice(0, 64)}`, started: true },
        },
      ],
      qosClass: 'Burstable',
    },
  }
}

const perCommit = 500

/** Puts the pods `from` up to `to` into a store. */
export async function fillWithPods(store: Store, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += perCommit) {
    const indexes = Array.from({ length: Math.min(perCommit, to - start) }, (_, offset) => start + offset)
    await store.commit(
      indexes.map((index) => {
        const pod = benchPod(index)
        const { namespace, name } = pod['metadata'] as { namespace: string; name: string }
        return { type: 'put', key: `${registryRoot}core/pods/${namespace}/${name}`, value: encodeForStore(pod) }
      }),
    )
  }
}
