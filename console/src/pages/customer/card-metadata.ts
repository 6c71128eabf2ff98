import type { Property } from '../../api/card-changes'

export type CardMetadata = Readonly<Record<string, unknown>>

/** The form of a card's metadata: the schema's properties by name, and the others as one JSON object. */
export interface MetadataForm {
  known: CardMetadata
  others: string
}

export function formOf(metadata: CardMetadata | null, properties: readonly Property[]): MetadataForm {
  const isKnown = (name: string) => properties.some((property) => property.name === name)
  const entries = Object.entries(metadata ?? {})
  const others = Object.fromEntries(entries.filter(([name]) => !isKnown(name)))
  return {
    known: Object.fromEntries(entries.filter(([name]) => isKnown(name))),
    others: Object.keys(others).length === 0 ? '' : JSON.stringify(others, null, 2),
  }
}

/** The metadata of the form; undefined if the other properties are no JSON object. */
export function metadataOf({ known, others }: MetadataForm): CardMetadata | undefined {
  if (others.trim() === '') return known
  try {
    const parsed: unknown = JSON.parse(others)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? { ...parsed, ...known } : undefined
  } catch {
    return undefined
  }
}
