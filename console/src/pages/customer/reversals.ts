import type { Transaction } from '../../api/transactions'

/** The reversal of each reversed transaction, as far as the rows have it. */
export function reversalsIn(rows: readonly Transaction[]): ReadonlyMap<string, Transaction> {
  return new Map(rows.flatMap((row) => (row.reverses ? [[row.reverses, row] as const] : [])))
}
