/** Numbers, money and instants in words. The project's zone applies everywhere; the reader's language decides the form. */

export const LANGUAGE = 'en-GB'

/** `points` in the smallest unit of a wallet with so many decimals, such as 1250 with 2 decimals: 12.50. */
export function formatPoints(points: number, decimals = 0): string {
  const exact = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  // Up to 10^15 the quotient is exact enough for its decimals.
  return new Intl.NumberFormat(LANGUAGE, exact).format(points / 10 ** decimals).replace('-', '−')
}

/** As `formatPoints`, with a plus or minus sign. */
export function formatChange(points: number, decimals = 0): string {
  return points > 0 ? `+${formatPoints(points, decimals)}` : formatPoints(points, decimals)
}

/** An amount in minor units, such as 1250 GBP: 12.50 GBP. */
export function formatMoney(amount: number, currency: string): string {
  return `${formatPoints(amount, currencyDigits(currency))} ${currency}`
}

const WITHOUT_DIGITS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
const THREE_DIGITS = 'BHD IQD JOD KWD LYD OMR TND'
const FOUR_DIGITS = 'CLF UYW'

/** The digits after the point of a currency's amounts, as the API counts them. Browsers differ for some, such as HUF. */
export function currencyDigits(currency: string): number {
  const listed = [WITHOUT_DIGITS, THREE_DIGITS, FOUR_DIGITS].findIndex((codes) => codes.split(' ').includes(currency))
  return [0, 3, 4][listed] ?? 2
}

const DATE: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric' }
const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }

/** The day of an instant in the zone: 25 Nov 2026. */
export function formatDay(instant: string | Date, zone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { ...DATE, timeZone: zone }).format(new Date(instant))
}

/** The minute of an instant in the zone: 25 Nov 2026, 12:38. */
export function formatInstant(instant: string | Date, zone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { ...DATE, ...TIME, timeZone: zone }).format(new Date(instant))
}

/** A date without a time, `2026-11-25`: 25 Nov 2026. */
export function formatDate(date: string): string {
  return formatDay(`${date}T12:00:00Z`, 'UTC')
}

/** The date of an instant in the zone, as `2026-11-25`. */
export function dateOf(instant: string | Date, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(instant))
}

/** The last day on which points with this expiry can be used. They expire at the instant itself, often a midnight. */
export function lastUsableDay(expiresAt: string, zone: string): string {
  return dateOf(new Date(new Date(expiresAt).getTime() - 1), zone)
}

/** Until when points can be used: their last usable day, or the minute if they expire within a day from their day's end. */
export function formatUntil(expiresAt: string, zone: string): string {
  const end = new Date(expiresAt)
  const endsAtMidnight = formatTime(end, zone) === '00:00'
  return endsAtMidnight ? formatDate(lastUsableDay(expiresAt, zone)) : formatInstant(end, zone)
}

export function formatTime(instant: string | Date, zone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { ...TIME, timeZone: zone }).format(new Date(instant))
}

/** The same instant in UTC, as a hint beside the project's time. */
export function formatUtc(instant: string | Date): string {
  return `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** "1 card", "3 cards". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${formatPoints(number)} ${number === 1 ? one : many}`
}

/** The beginning and the end of a long id, such as `key_1433…0e78`. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id
}
