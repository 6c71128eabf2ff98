import type { components } from '../api/openapi'
import { formatPoints } from '../format'
import { schemaPath, valueAt, withValue, type Document } from './document'

/** A setting as the API describes it. */
export type Setting = components['schemas']['Setting']

/** What is wrong at a path of the document. */
export interface SettingProblem {
  path: string
  message: string
  /** The API accepts no document with this value, not even a draft. */
  isShape?: boolean
}

interface Placed {
  setting: Setting
  at: string
}

/** The value that the setting has in the document, or its default. */
export function effectiveValue(setting: Setting, document: Document, at = setting.path): unknown {
  return valueAt(document, at) ?? setting.default ?? undefined
}

/** Whether the setting has an effect beside the other settings of the document. */
export function isUsed(setting: Setting, document: Document, all: readonly Setting[]): boolean {
  return setting.usedWhen.every(({ path, values }) => {
    const other = settingAt(all, path)
    const value = other ? effectiveValue(other, document) : valueAt(document, path)
    if (!values) return value !== undefined && value !== null
    const held = Array.isArray(value) ? (value as unknown[]) : [value ?? null]
    return held.some((one) => values.includes(one))
  })
}

/** The setting of a path at any depth; the places of list entries do not matter. */
export function settingAt(settings: readonly Setting[], path: string): Setting | undefined {
  const known = schemaPath(path)
  for (const setting of settings) {
    if (setting.path === known) return setting
    const below = [...(setting.fields ?? []), ...(setting.items ? [setting.items] : [])]
    const found = settingAt(below, known)
    if (found) return found
  }
  return undefined
}

/** Every value of the document that has an effect, with its setting; an object only as its fields. */
export function placed(settings: readonly Setting[], document: Document, all = settings, within = ''): Placed[] {
  return settings
    .filter((setting) => isUsed(setting, document, all))
    .flatMap((setting) => {
      const at = within === '' ? setting.path : setting.path.replace(/^.*\[\]/, within)
      const value = valueAt(document, at)
      if (!setting.fields) return [{ setting, at }]
      if (setting.type === 'array') {
        const entries = Array.isArray(value) ? value.map((_, place) => `${at}[${place}]`) : []
        const fields = setting.fields
        return [{ setting, at }, ...entries.flatMap((entry) => placed(fields, document, all, entry))]
      }
      return isOff(setting, value) ? [] : placed(setting.fields, document, all, within)
    })
}

/** Whether the setting is an object that the document does without. */
function isOff(setting: Setting, value: unknown): boolean {
  return setting.nullable && (value === undefined || value === null)
}

/** The values that the API accepts in no document. Rules between settings are left to the API. */
export function shapeProblems(settings: readonly Setting[], document: Document): SettingProblem[] {
  return placed(settings, document).flatMap(({ setting, at }) => {
    const message = shapeProblem(setting, valueAt(document, at))
    return message === null ? [] : [{ path: at, message, isShape: true }]
  })
}

function shapeProblem(setting: Setting, value: unknown): string | null {
  const { minimum, maximum, minLength, maxLength, maxItems, pattern } = setting
  if (isMissing(value)) {
    return setting.required && (setting.default ?? null) === null ? 'Enter a value.' : null
  }
  if (setting.type === 'integer') {
    if (!Number.isSafeInteger(value)) return 'Enter a whole number.'
    const number = value as number
    const fits = number >= (minimum ?? -Infinity) && number <= (maximum ?? Infinity)
    return fits ? null : `Enter a number from ${rangeOf(setting)}.`
  }
  if (setting.type === 'string') {
    const text = String(value)
    if (text.length < (minLength ?? 0) || text.length > (maxLength ?? Infinity))
      return `Enter a text of another length. ${rangeOf(setting)}.`
    if (pattern && !new RegExp(pattern).test(text)) return 'The text has characters that are not allowed.'
  }
  if (Array.isArray(value) && value.length > (maxItems ?? Infinity)) return `Enter at most ${maxItems} entries.`
  return null
}

/** Nothing was entered. A list without entries and false are values. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** The allowed range in words: "1 to 120". With a unit, its own maximum. */
export function rangeOf(setting: Setting, unit?: unknown): string | null {
  const { minimum, minLength, maxLength, maxItems, maximumByUnit } = setting
  const maximum = maximumByUnit?.[String(unit)] ?? setting.maximum
  if (maximum !== null) return `${formatPoints(minimum ?? 0)} to ${formatPoints(maximum)}`
  if (maxLength !== null) return `${minLength ? `${minLength} to` : 'At most'} ${formatPoints(maxLength)} characters`
  return maxItems === null ? null : `At most ${maxItems} entries`
}

/**
 * The document as the API takes it: only settings that have an effect, and required ones with their default. Without
 * `incomplete`, values that the API accepts in no document are left out, each with its object or list.
 */
export function sendable(settings: readonly Setting[], document: Document, { incomplete = true } = {}): Document {
  const bad = incomplete ? [] : shapeProblems(settings, document).map(({ path }) => path.replace(/\[.*$/, ''))
  let sent: Document = {}
  for (const { setting, at } of placed(settings, document)) {
    const value = valueAt(document, at)
    const skipped = bad.some((path) => at === path || at.startsWith(`${path}[`) || isSibling(settings, at, path))
    if (skipped || isMissing(value)) continue
    if (Array.isArray(value) && value.length === 0) continue
    sent = withValue(sent, at, setting.type === 'array' && setting.fields ? [] : value)
  }
  return withRequired(settings, sent)
}

/** Whether the other path is in the same object, and the document can do without this object. */
function isSibling(settings: readonly Setting[], at: string, other: string): boolean {
  const group = other.replace(/\.[^.]+$/, '')
  return group !== other && at.startsWith(`${group}.`) && (settingAt(settings, group)?.nullable ?? false)
}

function withRequired(settings: readonly Setting[], sent: Document): Document {
  return placed(settings, sent).reduce((document, { setting, at }) => {
    const group = at.replace(/\.[^.]+$/, '')
    const isNeeded = setting.required && group !== at && valueAt(document, group) !== undefined
    if (!isNeeded || valueAt(document, at) !== undefined || setting.default === null) return document
    return withValue(document, at, setting.default)
  }, sent)
}
