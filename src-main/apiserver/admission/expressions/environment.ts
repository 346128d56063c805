/** The environments of expressions in admission. */
import { environment, type Environment } from '../../cel/environment.ts'
import { authorizerLibrary, authorizerTypeName, resourceCheckTypeName } from '../../cel/library/authorizer.ts'
import type { Overload } from '../../cel/library/overload.ts'
import { dyn, opaque, type ObjectType, type Type } from '../../cel/types/type.ts'
import { namespaceType, requestType } from './request-type.ts'

export interface AdmissionVariables {
  /** The policy has a `paramKind`. */
  readonly params: boolean
  readonly authorizer: boolean
  /** Policies see the namespace; the conditions of webhooks do not. */
  readonly namespaceObject: boolean
  /** The type of `variables`, where there are any. */
  readonly variables?: Type
  /** What is known of the objects, for checking types; absent: they may be anything. */
  readonly object?: Type
  readonly paramsType?: Type
  readonly libraries?: readonly (readonly Overload[])[]
  constructible?(name: string): ObjectType | undefined
}

export function admissionEnvironment(wanted: AdmissionVariables): Environment {
  const { variables, object = dyn, paramsType = dyn, libraries = [], constructible } = wanted
  const authorizer = {
    authorizer: opaque(authorizerTypeName),
    'authorizer.requestResource': opaque(resourceCheckTypeName),
  }
  return environment({
    variables: {
      ...{ object, oldObject: object, request: requestType },
      ...(wanted.params ? { params: paramsType } : {}),
      ...(wanted.namespaceObject ? { namespaceObject: namespaceType } : {}),
      ...(wanted.authorizer ? authorizer : {}),
      ...(variables === undefined ? {} : { variables }),
    },
    libraries: [...(wanted.authorizer ? [authorizerLibrary] : []), ...libraries],
    ...(constructible === undefined ? {} : { constructible }),
  })
}

/** For the match conditions of webhooks. */
export const webhookConditionEnvironment = admissionEnvironment({
  ...{ params: false, authorizer: true, namespaceObject: false },
})
