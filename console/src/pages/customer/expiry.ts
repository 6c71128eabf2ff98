import type { Lot } from '../../api/cards'
import { lastUsableDay } from '../../format'

/** Points whose last usable day is in the same month of the project's zone. */
export interface ExpiryMonth {
  /** `2026-12`, or one of the groups without a month. */
  month: string
  active: number
  pending: number
  held: number
}

/** The points never expire. */
export const NEVER = 'never'
/** Points that an event activates: their expiry is fixed only then. */
export const UNDATED = 'undated'

const GAPS_FILLED_MAX = 24
const KINDS: Readonly<Record<string, 'active' | 'pending' | 'held'>> = {
  ACTIVE: 'active',
  PENDING: 'pending',
  HELD: 'held',
}

/** Groups lots by the month of their last usable day, oldest first; then those without a date, then those that never expire. */
export function byExpiryMonth(lots: readonly Lot[], zone: string): ExpiryMonth[] {
  const groups = new Map<string, ExpiryMonth>()
  const groupOf = (month: string) => {
    const group = groups.get(month) ?? { month, active: 0, pending: 0, held: 0 }
    groups.set(month, group)
    return group
  }
  for (const lot of lots) {
    const kind = KINDS[lot.state]
    if (kind) groupOf(monthOf(lot, zone))[kind] += lot.points
  }
  const months = [...groups.keys()].filter((month) => month !== NEVER && month !== UNDATED).sort()
  const first = months[0]
  const last = months.at(-1)
  // A time axis shows its empty months, unless a far expiry would make it all gaps.
  const axis = first && last && distance(first, last) <= GAPS_FILLED_MAX ? between(first, last) : months
  const rest = [UNDATED, NEVER].filter((group) => groups.has(group))
  return [...axis, ...rest].map(groupOf)
}

function monthOf(lot: Lot, zone: string): string {
  if (lot.expiresAt !== null) return lastUsableDay(lot.expiresAt, zone).slice(0, 7)
  const eventActivates = lot.state === 'PENDING' && lot.activatesAt === null
  return eventActivates ? UNDATED : NEVER
}

function distance(first: string, last: string): number {
  return numberOf(last) - numberOf(first)
}

function between(first: string, last: string): string[] {
  return Array.from({ length: distance(first, last) + 1 }, (_, ahead) => {
    const number = numberOf(first) + ahead
    return `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`
  })
}

function numberOf(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1
}
