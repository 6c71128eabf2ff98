/** Local days of a zone and the instants at which they start. Dates are written `2026-11-25`. */

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const LAST_DAY = '9999-12-30'

/** Whether the text is a date which has a next day of four-digit year. */
export function isDay(text: string): boolean {
  const midnight = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(`${text}T`) && text <= LAST_DAY
}

export function nextDay(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
}

/** The first instant of the date in the zone, even where a change of the clocks skips midnight. */
export function startOfDay(date: string, zone: string): string {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  // The offsets before and after a change of the clocks on this day.
  const starts = [midnight - DAY_MS, midnight + DAY_MS].map((near) => midnight - offsetAt(near, zone))
  const found = starts.filter((start) => offsetAt(start, zone) === midnight - start)
  // No start has its own offset where midnight is skipped; the day then starts with the change, at the later offset.
  const start = found.length > 0 ? Math.min(...found) : Math.max(...starts)
  return new Date(start).toISOString().replace('.000Z', 'Z')
}

/** The last second of the date in the zone. */
export function endOfDay(date: string, zone: string): string {
  const next = Date.parse(startOfDay(nextDay(date), zone))
  return new Date(next - 1000).toISOString().replace('.000Z', 'Z')
}

/** Milliseconds by which the zone's clocks are ahead of UTC. */
function offsetAt(instant: number, zone: string): number {
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  return Date.parse(`${local.format(instant).replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000
}
