import { cidrLibrary } from './cidr.ts'
import { conversions } from './conversions.ts'
import { formatLibrary } from './named-formats.ts'
import { ipLibrary } from './ip.ts'
import { listLibrary } from './lists.ts'
import { operators } from './operators.ts'
import { optionalLibrary } from './optional.ts'
import type { Overload } from './overload.ts'
import { quantityLibrary } from './quantity.ts'
import { regexLibrary } from './regex.ts'
import { semverLibrary } from './semver.ts'
import { setLibrary } from './sets.ts'
import { standard } from './standard.ts'
import { stringLibrary } from './strings.ts'
import { timeLibrary } from './times.ts'
import { urlLibrary } from './url.ts'

/** What every expression of Kubernetes may use. The authorizer and JSON patches are only where there are such. */
export const standardLibraries: readonly (readonly Overload[])[] = [
  operators,
  standard,
  conversions,
  timeLibrary,
  stringLibrary,
  listLibrary,
  setLibrary,
  regexLibrary,
  optionalLibrary,
  urlLibrary,
  quantityLibrary,
  ipLibrary,
  cidrLibrary,
  formatLibrary,
  semverLibrary,
]
