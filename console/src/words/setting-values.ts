/** Single values of wallet settings in words. */
import type { components } from '../api/openapi'
import { isObject } from '../forms/document'
import { count, formatPoints, LANGUAGE } from '../format'
import { valueLabelOf } from './wallet-settings'

type Schemas = components['schemas']
type Unit = Schemas['Unit']
type AnnualDate = Schemas['AnnualDateInput']

/** "1 month", "14 days". */
export function periodWords({ every, unit }: { every: number; unit: Unit }): string {
  return count(every, unit.toLowerCase())
}

/** "30 June". The year is a leap year, so that 29 February exists. */
export function annualDateWords({ month, day }: AnnualDate): string {
  return `${day} ${monthWords(month)}`
}

export function monthWords(month: number): string {
  return new Intl.DateTimeFormat(LANGUAGE, { month: 'long', timeZone: 'UTC' }).format(
    new Date(Date.UTC(2024, month - 1)),
  )
}

/** "1 point", "12.50 points". */
export function pointsWords(points: number, decimals: number): string {
  return `${formatPoints(points, decimals)} ${points === 10 ** decimals ? 'point' : 'points'}`
}

export function listed(words: readonly string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return new Intl.ListFormat(LANGUAGE, { type }).format(words)
}

/** Any setting's value, for a table: "30 June and 31 December", "Yes", "To the end of the month". */
export function valueWords(path: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'Not set'
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'number') return path.endsWith('.month') ? monthWords(value) : formatPoints(value)
  if (Array.isArray(value)) return value.length === 0 ? 'None' : listed(value.map((item) => entryWords(path, item)))
  return valueLabelOf(path, value)
}

function entryWords(path: string, entry: unknown): string {
  if (isObject(entry)) {
    if (entry.every && entry.unit) return periodWords(entry as { every: number; unit: Unit })
    if (entry.month && entry.day) return annualDateWords(entry as unknown as AnnualDate)
  }
  return valueLabelOf(path, entry)
}
