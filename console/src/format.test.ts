import { expect, test } from 'vitest'
import { currencyDigits, dateOf, formatChange, formatMoney, formatPoints, formatUntil, lastUsableDay } from './format'

test('points have the decimals of their wallet', () => {
  expect(formatPoints(8120455)).toBe('8,120,455')
  expect(formatPoints(1250, 2)).toBe('12.50')
  expect(formatPoints(999_999_999_999_999)).toBe('999,999,999,999,999')
  expect(formatChange(200)).toBe('+200')
  expect(formatChange(-450)).toBe('−450')
  expect(formatChange(0)).toBe('0')
})

test('money has the digits of its currency', () => {
  expect(formatMoney(30000, 'GBP')).toBe('300.00 GBP')
  expect(formatMoney(300, 'JPY')).toBe('300 JPY')
  expect(formatMoney(1234, 'KWD')).toBe('1.234 KWD')
})

test('the digits of a currency are those of the API, whatever the browser prefers', () => {
  expect(formatMoney(1250, 'HUF')).toBe('12.50 HUF')
  expect(formatMoney(1250, 'IDR')).toBe('12.50 IDR')
  expect(formatMoney(1234, 'IQD')).toBe('1.234 IQD')
  expect(currencyDigits('UGX')).toBe(0)
})

test('an expiry at a midnight is shown as the last usable day of the project’s zone', () => {
  expect(lastUsableDay('2027-01-01T00:00:00Z', 'Europe/London')).toBe('2026-12-31')
  expect(lastUsableDay('2026-12-31T23:00:00Z', 'Europe/Berlin')).toBe('2026-12-31')
  expect(lastUsableDay('2027-01-01T05:00:00Z', 'America/New_York')).toBe('2026-12-31')
  expect(formatUntil('2026-12-31T23:00:00Z', 'Europe/Berlin')).toBe('31 Dec 2026')
  expect(formatUntil('2026-12-31T11:30:00Z', 'Europe/Berlin')).toBe('31 Dec 2026, 12:30')
})

test('a day is the day of the zone, not of UTC', () => {
  expect(dateOf('2026-11-25T23:30:00Z', 'Europe/Berlin')).toBe('2026-11-26')
  expect(dateOf('2026-11-25T02:00:00Z', 'America/New_York')).toBe('2026-11-24')
})
