import { valueAt, type Document } from '../../forms/document'
import type { SchemaForm } from '../../forms/form-context'
import { formatMoney, formatPoints } from '../../format'
import { settingsInWords } from '../../words/in-words'
import { monthWords } from '../../words/setting-values'
import { labelOf, valueLabelOf } from '../../words/wallet-settings'

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
    value: (path, value) => (isChosenFromList(path) ? monthWords(Number(value)) : valueLabelOf(path, value)),
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
