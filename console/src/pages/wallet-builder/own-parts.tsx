import type { SchemaForm } from '../../forms/form-context'
import { CharsetPart } from './charset-part'
import { FormulaPart } from './formula-part'
import { MetadataPart } from './metadata-part'

/** Settings that the generic form cannot draw well. */
export const ownParts: SchemaForm['own'] = {
  'code.charset': CharsetPart,
  'payWithPoints.formula': FormulaPart,
  metadata: MetadataPart,
}
