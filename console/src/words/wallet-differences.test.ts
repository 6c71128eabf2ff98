import { expect, test } from 'vitest'
import type { Wallet } from '../api/wallets'
import { valueWords } from './setting-values'
import { walletDifferences } from './wallet-differences'
import { fullLabelOf } from './wallet-settings'

function words(before: object, after: object): string[] {
  return walletDifferences(before as Wallet, after as Wallet).map(
    ({ path, before, after }) => `${fullLabelOf(path)}: ${valueWords(path, before)} -> ${valueWords(path, after)}`,
  )
}

test('two versions differ in their settings alone, and each has a label and words', () => {
  const before = {
    version: 1,
    updatedAt: '2026-11-25T10:00:00Z',
    status: 'DRAFT',
    expiration: { type: 'ROLLING_EXPIRATION', every: 12, unit: 'MONTH' },
    earningLimits: { transaction: { maxPoints: 5000 } },
    notices: {},
  }
  const after = {
    version: 2,
    updatedAt: '2026-11-26T10:00:00Z',
    status: 'ACTIVE',
    expiration: { type: 'CALENDAR_EXPIRATION', dates: [{ month: 6, day: 30 }] },
    earningLimits: { transaction: { maxPoints: 6000 } },
    notices: { expiring: [{ every: 1, unit: 'WEEK' }] },
  }
  expect(words(before, after)).toEqual([
    'Status: Draft -> Active',
    'Expiration: After a period -> On fixed dates of each year',
    'Expiration, Period: 12 -> Not set',
    'Expiration, Unit: Months -> Not set',
    'Expiration, Last usable days: Not set -> 30 June',
    'Earning limits, One credit, Maximum points: 5,000 -> 6,000',
    'Notices before points expire: Not set -> 1 week',
  ])
})

test('a setting that is left out is the same as one that is not set', () => {
  expect(words({ code: { length: 8, pattern: null } }, { code: { length: 8 } })).toEqual([])
})
