import type { Definition } from '../../api/wallet-import'

export type Parsed = { definition: Definition } | { problem: string }

/** The definition in a pasted text. A definition without a name gets one, which the form lets change. */
export function parseDefinition(text: string): Parsed {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (failure) {
    return { problem: `The text is not JSON. ${(failure as SyntaxError).message}` }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: 'The text must be one JSON object: a card definition.' }
  }
  const { name } = value as Record<string, unknown>
  return { definition: { ...value, name: typeof name === 'string' ? name : 'Imported wallet' } }
}
