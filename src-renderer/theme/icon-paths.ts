/** Our icons as paths on a 16 × 16 grid, all drawn with one stroke. */
export const iconPaths = {
  lab: 'M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M8 2.5c3.6 0 6 2.5 6 5.5s-2.4 5.5-6 5.5S2 11 2 8s2.4-5.5 6-5.5M12.6 3.2l1 1M3.4 12.8l-1-1',
  explore: 'M2.5 2.5h4.2v4.2H2.5zM9.3 2.5h4.2v4.2H9.3zM2.5 9.3h4.2v4.2H2.5zM9.3 9.3h4.2v4.2H9.3z',
  pod: 'M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM2.6 4.9L8 8l5.4-3.1M8 8v6.2',
  deployment: 'M8 2l6 3-6 3-6-3zM2.4 8.2L8 11l5.6-2.8M2.4 11.2L8 14l5.6-2.8',
  service:
    'M8 5.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4M3.3 14.2a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2M12.7 14.2a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2M8 5.2v2.6M8 7.8c-3 0-4.4 1-4.7 3.2M8 7.8c3 0 4.4 1 4.7 3.2',
  event: 'M9 1.8L3.6 9H8l-1 5.2L12.4 7H8z',
  namespace: 'M5 2.5H2.5V5M11 2.5h2.5V5M5 13.5H2.5V11M11 13.5h2.5V11M6 6h4v4H6z',
  machine: 'M2.5 2.8h11v4.4h-11zM2.5 8.8h11v4.4h-11zM5 5h.01M5 11h.01M8 5h3.2M8 11h3.2',
  birth: 'M2.5 2v12M4.5 4h5M6.5 8h6M9.5 12h4',
  settings:
    'M2 4.5h6.5M12 4.5h2M2 11.5h2M7.5 11.5H14M10.2 2.7a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M5.8 9.7a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6',
  search: 'M7 2.3a4.7 4.7 0 1 0 0 9.4 4.7 4.7 0 0 0 0-9.4M10.5 10.5l3.4 3.4',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  chevronLeft: 'M10 3.5L5.5 8l4.5 4.5',
  chevronRight: 'M6 3.5L10.5 8 6 12.5',
  chevronDown: 'M3.5 6L8 10.5 12.5 6',
  chevronUp: 'M3.5 10L8 5.5l4.5 4.5',
  terminal: 'M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10h3',
  log: 'M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h5',
  yaml: 'M4.5 2.5L2 8l2.5 5.5M11.5 2.5L14 8l-2.5 5.5M9 3l-2 10',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  start: 'M4.5 2.8v10.4L13 8z',
  stop: 'M3.5 3.5h9v9h-9z',
  trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4',
  scale: 'M2.5 13.5v-4M6.2 13.5V7.5M9.8 13.5V5M13.5 13.5v-11',
  restart: 'M13 8a5 5 0 1 1-1.6-3.7M13 1.8v3h-3',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11',
  wrap: 'M2 3.5h12M2 8h9.5a2.3 2.3 0 0 1 0 4.6H8M9.8 10.6l-2 2 2 2M2 12.6h3',
  check: 'M3 8.5l3.2 3.2L13 4.5',
  command: 'M3 4.5l3.5 3.5L3 11.5M8 11.5h5',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.7V8l2.3 1.6',
  open: 'M9 2.5h4.5V7M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4',
} as const

export type IconName = keyof typeof iconPaths
