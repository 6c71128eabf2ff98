import { expect, test } from 'vitest'
import type { Document } from './document'
import { EXAMPLE_SETTINGS as settings } from './schema-example'
import { isUsed, placed, rangeOf, sendable, settingAt, shapeProblems } from './settings'

function isShown(path: string, document: Document): boolean {
  const setting = settingAt(settings, path)
  return setting !== undefined && isUsed(setting, document, settings)
}

test('a setting is shown only beside the values that give it an effect', () => {
  expect(isShown('largestDebt', {})).toBe(false)
  expect(isShown('largestDebt', { allowDebt: true })).toBe(true)
  expect(isShown('expiration.every', { expiration: { type: 'SLIDING' } })).toBe(true)
  expect(isShown('expiration.every', { expiration: { type: 'CALENDAR' } })).toBe(false)
})

test('of a list, one value is enough, and all conditions must be met', () => {
  const both = { expiration: { type: 'SLIDING', resetBy: ['EARNING', 'CUSTOM_EVENT'] } }
  expect(isShown('expiration.events', both)).toBe(true)
  expect(isShown('expiration.events', { expiration: { type: 'SLIDING', resetBy: ['EARNING'] } })).toBe(false)
  expect(isShown('expiration.events', { expiration: { type: 'ROLLING', resetBy: ['CUSTOM_EVENT'] } })).toBe(false)
})

test('a setting may be used with any value of another, or only without a value', () => {
  expect(isShown('limits.one.above', { limits: { one: { maxPoints: 5 } } })).toBe(true)
  expect(isShown('limits.one.above', {})).toBe(false)
  expect(isShown('code.length', {})).toBe(true)
  expect(isShown('code.length', { code: { pattern: '###' } })).toBe(false)
})

test('every part of a list and of an object has its path', () => {
  const document = { expiration: { type: 'CALENDAR', dates: [{}, {}] }, pending: { cancelAfter: {} } }
  const paths = placed(settings, document).map(({ at }) => at)
  expect(paths).toContain('expiration.dates[1].day')
  expect(paths).toContain('pending.cancelAfter.unit')
  expect(placed(settings, {}).map(({ at }) => at)).not.toContain('pending.cancelAfter.unit')
})

test('hidden settings are not sent, and come back with the value that shows them', () => {
  const document = { name: 'Cafe', expiration: { type: 'NEVER', every: 3, unit: 'DAY' } }
  expect(sendable(settings, document)).toEqual({ name: 'Cafe', expiration: { type: 'NEVER' } })
  expect(sendable(settings, { ...document, expiration: { ...document.expiration, type: 'ROLLING' } })).toEqual({
    name: 'Cafe',
    expiration: { type: 'ROLLING', every: 3, unit: 'DAY' },
  })
})

test('a group that is sent has its required settings', () => {
  expect(sendable(settings, { name: 'Cafe', code: {}, expiration: {} })).toEqual({ name: 'Cafe' })
  const dates = { expiration: { type: 'CALENDAR', dates: [{ month: 6, day: 30 }] }, metadata: { season: 'winter' } }
  expect(sendable(settings, dates)).toEqual(dates)
})

test('values that the API accepts in no document are problems of their fields', () => {
  const document = {
    name: ' ',
    largestDebt: 'many',
    allowDebt: true,
    code: { length: 65 },
    expiration: { type: 'CALENDAR', dates: [{ month: 6 }, { month: 1, day: 1 }, { month: 13, day: 1 }] },
  }
  expect(shapeProblems(settings, document).map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'name: The text has characters that are not allowed.',
    'largestDebt: Enter a whole number.',
    'code.length: Enter a number from 1 to 64.',
    'expiration.dates: Enter at most 2 entries.',
    'expiration.dates[0].day: Enter a value.',
    'expiration.dates[2].month: Enter a number from 1 to 12.',
  ])
  expect(shapeProblems(settings, {})).toEqual([{ path: 'name', message: 'Enter a value.', isShape: true }])
})

test('values with problems are left out of a check, with the object or list that needs them', () => {
  const document = {
    name: 'Cafe',
    allowDebt: true,
    largestDebt: 'many',
    expiration: { type: 'CALENDAR', dates: [{ month: 6 }] },
    pending: { cancelAfter: { every: 3 } },
  }
  const check = sendable(settings, document, { incomplete: false })
  expect(check).toEqual({ name: 'Cafe', allowDebt: true, expiration: { type: 'CALENDAR' } })
})

test('a range has the maximum of its unit', () => {
  const every = settingAt(settings, 'expiration.every')
  expect(every && rangeOf(every, 'MONTH')).toBe('1 to 120')
  expect(every && rangeOf(every)).toBe('1 to 3,650')
})
