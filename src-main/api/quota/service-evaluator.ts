/** What a service uses: itself, its node ports, its load balancer. */
import type { Service } from '../types/core-v1.ts'
import { wholeNumber } from './amounts.ts'
import type { Evaluator } from './evaluator.ts'

const names = ['count/services', 'services', 'services.loadbalancers', 'services.nodeports']

export const serviceEvaluator: Evaluator = {
  counts: (name) => names.includes(name),
  usage(object) {
    const { spec } = object as Service
    const ports = spec?.ports ?? []
    const amounts = new Map([
      ['count/services', wholeNumber(1)],
      ['services', wholeNumber(1)],
      ['services.nodeports', wholeNumber(0)],
      ['services.loadbalancers', wholeNumber(0)],
    ])
    if (spec?.type === 'NodePort') return amounts.set('services.nodeports', wholeNumber(ports.length))
    if (spec?.type !== 'LoadBalancer') return amounts
    const asked = ports.filter(({ nodePort = 0 }) => nodePort > 0)
    const withPorts = spec.allocateLoadBalancerNodePorts === false ? asked : ports
    return amounts
      .set('services.loadbalancers', wholeNumber(1))
      .set('services.nodeports', wholeNumber(withPorts.length))
  },
  chargesUpdate: (subresource) => subresource === '',
}
