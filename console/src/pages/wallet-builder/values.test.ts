import { expect, test } from 'vitest'
import { settingsInWords } from '../../words/in-words'
import { textOfValue, typeOfValue, valueOfText } from './metadata-values'
import { pointsForAmount } from './payment-points'

test('points that pay for an amount are rounded up exactly', () => {
  expect(pointsForAmount(1250, '0.3')).toBe(375n)
  expect(pointsForAmount(1000, '0.333333333333333333')).toBe(334n)
  expect(pointsForAmount(100_000_000_000, '10')).toBe(1_000_000_000_000n)
  expect(pointsForAmount(1000, '-0.5')).toBe(-500n)
})

test('metadata keep the type of their values', () => {
  for (const value of ['12', 12, true, [1, 2], null]) {
    expect(valueOfText(textOfValue(value), typeOfValue(value))).toEqual(value)
  }
  expect(valueOfText('twelve', 'NUMBER')).toBe('twelve')
  expect(valueOfText('12', 'BOOLEAN')).toBe('12')
})

test('texts of the API name values and settings by their labels', () => {
  expect(settingsInWords('REVOKE_FROM_PENDING needs a pending.type other than IMMEDIATE.', 'refunds.earned.type')).toBe(
    '“Pending points only” needs an “Activation” other than “At once”.',
  )
  expect(settingsInWords('The maximum is 120 with unit MONTH.', 'expiration.every')).toBe(
    'The maximum is 120 with unit month.',
  )
  expect(settingsInWords('The setting has an effect only with expiredLots GRACE.', 'refunds.spent.graceDays')).toBe(
    'The setting has an effect only with “Returned points that expired” “They are usable for some days”.',
  )
})
