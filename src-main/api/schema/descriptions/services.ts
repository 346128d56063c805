import type { Texts } from './texts.ts'

const core = 'io.k8s.api.core.v1.'
const networking = 'io.k8s.api.networking.v1.'

export const serviceTexts: Texts = {
  [`${core}Service`]: ['One name and address for a set of pods.'],
  [`${core}ServiceSpec`]: [
    'Which pods, at which ports, and for whom.',
    {
      allocateLoadBalancerNodePorts: 'Whether a load balancer needs node ports.',
      clusterIP: 'Its address in the cluster; None for a name alone.',
      clusterIPs: 'Its addresses in the cluster, at most one of each family.',
      externalIPs: 'Addresses of nodes, which others lead there, at which it is reached too.',
      externalName: 'The name elsewhere that it stands for.',
      externalTrafficPolicy: 'Whether traffic from outside goes to all pods or to those of its node.',
      healthCheckNodePort: 'The port at which a load balancer asks nodes for pods of their own.',
      internalTrafficPolicy: 'Whether traffic from inside goes to all pods or to those of its node.',
      ipFamilies: 'IPv4, IPv6 or both.',
      ipFamilyPolicy: 'Whether it must or may have addresses of both families.',
      loadBalancerClass: 'Which load balancer serves it.',
      loadBalancerIP: 'The address that it wants of the load balancer.',
      loadBalancerSourceRanges: 'From where the load balancer lets traffic in.',
      ports: 'The ports that it offers.',
      publishNotReadyAddresses: 'Whether pods that are not ready count too.',
      selector: 'Labels of its pods.',
      sessionAffinity: 'Whether a client stays with one pod: None or ClientIP.',
      sessionAffinityConfig: 'For how long.',
      trafficDistribution: 'Which pods are preferred, such as those nearby.',
      type: 'ClusterIP, NodePort, LoadBalancer or ExternalName.',
    },
  ],
  [`${core}ServicePort`]: [
    'One port of a service.',
    {
      appProtocol: 'What is spoken there.',
      name: 'Unique in the service; needed when there are several.',
      nodePort: 'The port on every node that leads there.',
      port: 'The port of the service.',
      protocol: 'TCP, UDP or SCTP.',
      targetPort: 'The port of the pods, as a number or by name.',
    },
  ],
  [`${core}ServiceStatus`]: [
    'What others have done for a service.',
    { conditions: 'What holds of it at the moment.', loadBalancer: 'Where the load balancer is reached.' },
  ],
  [`${core}Endpoints`]: ['Addresses behind a service; the forerunner of endpoint slices.'],
  'io.k8s.api.discovery.v1.EndpointSlice': [
    'Some of the addresses behind a service.',
    {
      addressType: 'IPv4, IPv6 or FQDN.',
      endpoints: 'The addresses, with what is known of each.',
      ports: 'The ports of them all.',
    },
  ],
  [`${networking}Ingress`]: ['Leads HTTP requests to services, by host and path.'],
  [`${networking}IngressSpec`]: [
    'Which requests go where.',
    {
      defaultBackend: 'Where requests go that no rule is for.',
      ingressClassName: 'Which class of ingress controllers serves it.',
      rules: 'Hosts and paths, and where they lead.',
      tls: 'Certificates of hosts.',
    },
  ],
  [`${networking}IngressClass`]: ['A sort of ingress controller.'],
  [`${networking}NetworkPolicy`]: ['Says what traffic pods may have.'],
  [`${networking}NetworkPolicySpec`]: [
    'Which pods, and with whom they may speak.',
    {
      egress: 'To whom they may speak.',
      ingress: 'Who may speak to them.',
      podSelector: 'Which pods; empty for all of the namespace.',
      policyTypes: 'Which directions it is about: Ingress, Egress or both.',
    },
  ],
}
