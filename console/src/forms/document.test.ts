import { expect, test } from 'vitest'
import { differences, isSame, rebased, valueAt, withValue } from './document'

const document = {
  name: 'Cafe',
  expiration: {
    type: 'CALENDAR',
    dates: [
      { month: 6, day: 30 },
      { month: 12, day: 31 },
    ],
  },
}

test('a value is found by its path, also in a list', () => {
  expect(valueAt(document, 'expiration.dates[1].month')).toBe(12)
  expect(valueAt(document, 'pending.every')).toBeUndefined()
})

test('a changed document leaves the former one as it was', () => {
  const changed = withValue(document, 'expiration.dates[0].day', 29)
  expect(valueAt(changed, 'expiration.dates[0]')).toEqual({ month: 6, day: 29 })
  expect(valueAt(document, 'expiration.dates[0].day')).toBe(30)
})

test('a value in an object or list that is not there yet makes it', () => {
  expect(withValue({}, 'notices.expiring[0].every', 30)).toEqual({ notices: { expiring: [{ every: 30 }] } })
})

test('undefined removes a setting, and an entry of a list', () => {
  expect(withValue(document, 'name', undefined)).not.toHaveProperty('name')
  expect(valueAt(withValue(document, 'expiration.dates[0]', undefined), 'expiration.dates')).toEqual([
    { month: 12, day: 31 },
  ])
})

test('documents are the same in whatever order their settings are', () => {
  expect(isSame({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true)
  expect(isSame([1, 2], [2, 1])).toBe(false)
})

test('a list is one difference, and so is an object that only one document has', () => {
  const other = { name: 'Cafe', expiration: { type: 'NONE', dates: [] }, cancelAfter: { every: 1, unit: 'DAY' } }
  expect(differences(document, other)).toEqual(['expiration.type', 'expiration.dates', 'cancelAfter'])
})

test('my changes are applied to the version of somebody else', () => {
  const base = { name: 'Cafe', limits: { max: 100, unit: 'DAY' }, cancelAfter: { every: 1, unit: 'DAY' } }
  const mine = { name: 'Cafe', limits: { max: 200, unit: 'DAY' } }
  const theirs = { name: 'Cafeteria', limits: { max: 100, unit: 'WEEK' }, cancelAfter: { every: 1, unit: 'DAY' } }
  expect(rebased<object>(base, mine, theirs)).toEqual({ name: 'Cafeteria', limits: { max: 200, unit: 'WEEK' } })
})
