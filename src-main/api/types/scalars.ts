// Generated from the schema data by scripts/generate-types.ts; do not edit.

export type Quantity = string

export type RawExtension = unknown

export type IntOrString = number | string

export interface Info {
  buildDate: string
  compiler: string
  emulationMajor?: string
  emulationMinor?: string
  gitCommit: string
  gitTreeState: string
  gitVersion: string
  goVersion: string
  major: string
  minCompatibilityMajor?: string
  minCompatibilityMinor?: string
  minor: string
  platform: string
}
