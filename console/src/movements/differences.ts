import type { Lot } from '../api/cards'
import type { Preview } from '../api/movements'
import type { Transaction } from '../api/transactions'
import { formatPoints, formatUntil } from '../format'

/** Dates that count from the instant of the request move with it; a larger difference has another cause. */
const SAME_DATE_MS = 12 * 3_600_000

const BALANCES = ['active', 'pending', 'held'] as const

interface Terms {
  decimals: number
  zone: string
}

/** Says in which points the ledger's transaction differs from what was reviewed, because the card changed meanwhile. */
export function differences(preview: Preview, transaction: Transaction, { decimals, zone }: Terms): string[] {
  const points = (number: number) => formatPoints(number, decimals)
  const found: string[] = []
  if (transaction.points !== preview.points) {
    found.push(`${points(transaction.points)} points moved, not ${points(preview.points)} as reviewed.`)
  }
  for (const name of BALANCES) {
    const [now, reviewed] = [transaction.balanceAfter[name], preview.balance[name]]
    if (now !== reviewed) found.push(`${points(now)} points are ${name} now, not ${points(reviewed)} as reviewed.`)
  }
  if (!sameDates(preview.lots, transaction.lots)) {
    found.push(`The points have other dates than reviewed: ${dates(transaction.lots, zone)}.`)
  }
  return found
}

function sameDates(reviewed: readonly Lot[], moved: readonly Lot[]): boolean {
  return (
    reviewed.length === moved.length &&
    reviewed.every((lot, place) => {
      const other = moved[place]
      return other && near(lot.expiresAt, other.expiresAt) && near(lot.activatesAt, other.activatesAt)
    })
  )
}

function near(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other
  return Math.abs(Date.parse(one) - Date.parse(other)) < SAME_DATE_MS
}

function dates(lots: readonly Lot[], zone: string): string {
  return lots
    .map(({ expiresAt }) => (expiresAt ? `until ${formatUntil(expiresAt, zone)}` : 'without an end'))
    .join(', ')
}
