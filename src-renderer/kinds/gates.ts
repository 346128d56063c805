/** The gates that a breakpoint can name, in the order in which a pod meets them. */
export const gates = [
  'apiserver.commit',
  'reconcile',
  'schedule',
  'kubelet.start-sandbox',
  'kubelet.start-container',
  'kubelet.kill-container',
  'kubelet.stop-sandbox',
  'kubelet.remove',
  'proxy.sync',
  'dns.addresses',
] as const
