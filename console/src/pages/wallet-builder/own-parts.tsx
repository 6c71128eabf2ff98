import { lazy } from 'react'
import type { SchemaForm } from '../../forms/form-context'
import { CharsetPart } from './charset-part'

// Each is in one step only, so they are not loaded with the page.
const FormulaPart = lazy(() => import('./formula-part'))
const MetadataPart = lazy(() => import('./metadata-part'))

/** Settings that the generic form cannot draw well. */
export const ownParts: SchemaForm['own'] = {
  'code.charset': CharsetPart,
  'payWithPoints.formula': FormulaPart,
  metadata: MetadataPart,
}
