/** Days of the project's zone as instants. */

const DAY_MS = 86_400_000

/** The day after a date such as `2026-12-31`. */
export function nextDay(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
}

/** The first instant of a day in the zone. Where 00:00 does not exist, the day begins at the next time that does. */
export function startOfDay(date: string, zone: string): string {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  // No zone is farther than a day from UTC, and offsets are whole quarters of an hour.
  const QUARTER = 15 * 60_000
  let first = midnight - DAY_MS
  let beyond = midnight + DAY_MS
  while (beyond - first > QUARTER) {
    const middle = first + Math.floor((beyond - first) / QUARTER / 2) * QUARTER
    if (dateIn(middle, zone) < date) first = middle
    else beyond = middle
  }
  return new Date(beyond).toISOString().replace('.000Z', 'Z')
}

/** The instant from which points whose last usable day is `date` cannot be used. */
export function expiryAfterDay(date: string, zone: string): string {
  return startOfDay(nextDay(date), zone)
}

function dateIn(instant: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(instant))
}
