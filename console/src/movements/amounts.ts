/** Numbers as people type them, in the smallest unit: points with a wallet's decimals, money with a currency's digits. */

export type Typed = { number: number } | { error: string }

const LARGEST = 1_000_000_000_000

/**
 * Reads "1,250.5" with 2 decimals as 125050. Commas separate thousands, a point the decimals: a
 * number with more decimals is refused, because its point may mean thousands. Zero is no amount.
 */
export function readAmount(text: string, decimals: number): Typed {
  const typed = text.trim()
  if (typed === '') return { error: 'Enter a number.' }
  const found = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?$/.exec(typed)
  if (!found) return { error: 'Enter a number such as 1,250. A point separates decimals.' }
  const fraction = found[2] ?? ''
  if (fraction.length > decimals) {
    return { error: decimals === 0 ? 'Enter a whole number.' : `Enter at most ${decimals} decimals.` }
  }
  const digits = (found[1] ?? '').replaceAll(',', '') + fraction.padEnd(decimals, '0')
  const number = Number(digits)
  if (number === 0) return { error: 'Enter a number above zero.' }
  if (number > LARGEST) return { error: 'Enter a smaller number: a movement has at most 1,000,000,000,000 units.' }
  return { number }
}

/** Reads a whole number from 1 to `max`. */
export function readWhole(text: string, max: number): Typed {
  const typed = readAmount(text, 0)
  if ('number' in typed && typed.number > max) return { error: `Enter at most ${max}.` }
  return typed
}
