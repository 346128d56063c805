/** What an expression may use: variables, functions and types. */
import { standardLibraries } from './library/index.ts'
import type { Overload } from './library/overload.ts'
import type { ObjectType, Type } from './types/type.ts'

export interface Environment {
  readonly variables: ReadonlyMap<string, Type>
  /** By name; those of namespaces have dots in theirs. */
  readonly functions: ReadonlyMap<string, readonly Overload[]>
  /** The types that may be written as `Name{…}`. */
  constructible(name: string): ObjectType | undefined
}

export interface EnvironmentOptions {
  readonly variables: Readonly<Record<string, Type>>
  readonly libraries?: readonly (readonly Overload[])[]
  constructible?(name: string): ObjectType | undefined
}

/** The environment of Kubernetes with these variables and the libraries beyond those that are everywhere. */
export function environment({ variables, libraries = [], constructible }: EnvironmentOptions): Environment {
  return {
    variables: new Map(Object.entries(variables)),
    functions: libraries.length === 0 ? standardFunctions : functionsOf([...standardLibraries, ...libraries]),
    constructible: constructible ?? (() => undefined),
  }
}

function functionsOf(libraries: readonly (readonly Overload[])[]): ReadonlyMap<string, readonly Overload[]> {
  const functions = new Map<string, Overload[]>()
  for (const overload of libraries.flat()) {
    const known = functions.get(overload.name)
    if (known === undefined) functions.set(overload.name, [overload])
    else known.push(overload)
  }
  return functions
}

const standardFunctions = functionsOf(standardLibraries)
