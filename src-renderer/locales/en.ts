/** Every text of the interface in English; the other languages have exactly these keys. */
const en = {
  rail: {
    lab: 'Lab',
    explore: 'Explore',
    network: 'Network',
    machines: 'Machines',
    glass: 'Glass',
    settings: 'Settings',
    collapse: 'Collapse',
    expand: 'Expand',
  },
  clock: { live: 'Live' },
}

export default en
export type Messages = typeof en
