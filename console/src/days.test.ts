import { expect, test } from 'vitest'
import { endOfDay, startOfDay } from './days'

test('a day starts at the midnight of the zone, in winter and in summer', () => {
  expect(startOfDay('2026-11-25', 'Europe/London')).toBe('2026-11-25T00:00:00Z')
  expect(startOfDay('2026-07-01', 'Europe/London')).toBe('2026-06-30T23:00:00Z')
  expect(startOfDay('2026-07-01', 'America/New_York')).toBe('2026-07-01T04:00:00Z')
})

test('the days on which clocks change have 23 and 25 hours', () => {
  expect(startOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00Z')
  expect(endOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-29T21:59:59Z')
  expect(startOfDay('2026-10-25', 'Europe/Berlin')).toBe('2026-10-24T22:00:00Z')
  expect(endOfDay('2026-10-25', 'Europe/Berlin')).toBe('2026-10-25T22:59:59Z')
})

test('a day without a midnight starts when the clocks go forward', () => {
  // In Beirut, 2026-03-29 starts at 01:00.
  expect(startOfDay('2026-03-29', 'Asia/Beirut')).toBe('2026-03-28T22:00:00Z')
})
