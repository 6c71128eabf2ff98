import { valueAt, type Document } from '../../forms/document'
import type { SchemaForm } from '../../forms/form-context'
import { formatMoney, formatPoints, LANGUAGE } from '../../format'
import { settingsInWords } from '../../words/in-words'
import { labelOf, valueLabelOf } from '../../words/wallet-settings'

const MONTHS = Array.from({ length: 12 }, (_, place) =>
  new Intl.DateTimeFormat(LANGUAGE, { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2026, place, 1))),
)
const POINTS = ['max', 'maxPoints', 'negativeLimit']
const AMOUNTS = ['minAmount', 'pointValue']

const nameOf = (path: string) => path.replace(/^.*[.\]]/, '')

export function isChosenFromList(path: string): boolean {
  return nameOf(path) === 'month'
}

/** The words of the wallet's form. Hints show points with their decimals, and amounts in the currency. */
export function wordsOfForm(document: Document, currency: string): SchemaForm['words'] {
  return {
    label: labelOf,
    value: (path, value) => (isChosenFromList(path) ? (MONTHS[Number(value) - 1] ?? '') : valueLabelOf(path, value)),
    text: settingsInWords,
    hint: (path, value) => {
      if (!Number.isSafeInteger(value)) return null
      const decimals = Number(valueAt(document, 'pointsDecimals') ?? 0)
      if (POINTS.includes(nameOf(path)) && decimals > 0 && decimals <= 3) {
        return `shown as ${formatPoints(value as number, decimals)}`
      }
      return AMOUNTS.includes(nameOf(path)) ? formatMoney(value as number, currency) : null
    },
  }
}

/** The value of a setting as a short text. */
export function valueInWords(path: string, value: unknown): string {
  if (value === undefined || value === null || value === '') return 'Not set'
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'number') return isChosenFromList(path) ? (MONTHS[value - 1] ?? '') : formatPoints(value)
  if (Array.isArray(value)) return value.map((one) => valueInWords(path, one)).join(', ') || 'None'
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, one]) => `${labelOf(`${path}[].${name}`)} ${valueInWords(`${path}[].${name}`, one)}`)
      .join(' ')
  }
  return valueLabelOf(path, value)
}
