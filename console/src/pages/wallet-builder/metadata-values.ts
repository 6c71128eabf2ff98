/** The types of the project's schema, and JSON for lists, objects and null, which no schema has. */
export type ValueType = 'STRING' | 'NUMBER' | 'BOOLEAN' | 'DATE' | 'JSON'

export function typeOfValue(value: unknown): ValueType {
  if (typeof value === 'string') return 'STRING'
  if (typeof value === 'number') return 'NUMBER'
  return typeof value === 'boolean' ? 'BOOLEAN' : 'JSON'
}

export function textOfValue(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The value of a text; a text that is no value of the type stays a text, so that nothing that was typed is lost. */
export function valueOfText(text: string, type: ValueType): unknown {
  if (type === 'STRING' || type === 'DATE') return text
  if (type === 'NUMBER') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  try {
    const value: unknown = JSON.parse(text)
    return type === 'BOOLEAN' && typeof value !== 'boolean' ? text : value
  } catch {
    return text
  }
}
