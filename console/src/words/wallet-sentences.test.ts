import { expect, test } from 'vitest'
import type { components } from '../api/openapi'
import { walletSentences } from './wallet-sentences'
import { valueLabels } from './wallet-settings'

type Wallet = components['schemas']['Wallet']
type Fields = Record<string, unknown>

/** A new wallet, as the API answers it: settings that are not set are left out. */
const PLAIN = {
  name: 'Club',
  pointsName: 'stars',
  allowNegativeBalance: false,
  negativeLimit: null,
  consumptionOrder: 'EARLIEST_EXPIRY',
  pointsDecimals: 0,
  pointValue: null,
  autoEnrol: true,
  code: { charset: 'ALPHANUMERIC', length: 10, prefix: '', postfix: '' },
  expiration: { type: 'NO_EXPIRATION', rounding: 'NONE' },
  pending: { type: 'IMMEDIATE' },
  earningLimits: { global: { type: 'NO_LIMIT', whenExceeded: 'CAP' }, transaction: { whenExceeded: 'CAP' } },
  spendingLimits: { global: { type: 'NO_LIMIT', whenExceeded: 'REJECT' }, transaction: { whenExceeded: 'REJECT' } },
  payWithPoints: { type: 'NO_PAYMENTS' },
  transfers: { allowed: false, countAsSpending: false },
  refunds: {
    spent: { type: 'REFUND_AMOUNT', expiredLots: 'RENEW' },
    earned: { type: 'REVOKE_FROM_BALANCE', mode: 'REVOKE_TO_ZERO', of: 'ORDER' },
  },
  notices: {},
  metadata: {},
  currency: 'GBP',
}

function sentences(step: string, settings: Fields): string[] {
  const wallet = { ...PLAIN, ...settings } as unknown as Wallet
  return walletSentences(wallet).find((one) => one.step === step)?.sentences ?? []
}

test('a new wallet is described completely', () => {
  const told = walletSentences(PLAIN as unknown as Wallet)
  expect(told.flatMap(({ sentences }) => sentences)).toMatchInlineSnapshot(`
    [
      "The name of the points is “stars”, and each card belongs to one customer.",
      "A customer's first credit creates the card.",
      "Points with the earliest expiry are spent first, and points that never expire last.",
      "A card never owes points.",
      "A code has the form ##########. Each # is a random character: letters and digits.",
      "Points never expire.",
      "Points are usable at once.",
      "The number of earned points has no limit.",
      "Spending has no limit besides the available points.",
      "Customers cannot transfer points to each other.",
      "Points do not pay for orders.",
      "A refund returns the share of the refunded amount in the points spent on the order.",
      "Returned points that expired in the meantime get new dates, as if credited now.",
      "A refund revokes points earned by the order, from pending and active points.",
      "If the card has too few points, the missing points are not revoked.",
      "The revoked share is the refunded share of the order's amount.",
      "No notices are sent.",
      "The wallet has no metadata.",
    ]
  `)
})

test('expiration is described by its type', () => {
  const rolling = { type: 'ROLLING_EXPIRATION', every: 1, unit: 'YEAR', rounding: 'END_OF_PARTICULAR_MONTH', month: 12 }
  expect(sentences('expiration', { expiration: rolling })).toEqual([
    'Points are usable for 1 year from their activation.',
    'Their last usable day moves to the end of the next December.',
  ])
  const dates = [
    { month: 2, day: 29 },
    { month: 12, day: 31 },
  ]
  expect(sentences('expiration', { expiration: { type: 'CALENDAR_EXPIRATION', dates } })).toEqual([
    'Points are usable until the end of the next 29 February or 31 December.',
  ])
  const resetBy = ['EARNING', 'CUSTOM_EVENT']
  const sliding = { type: 'SLIDING_EXPIRATION', every: 6, unit: 'MONTH', resetBy, events: ['app.opened', 'visit'] }
  expect(sentences('expiration', { expiration: sliding })).toEqual([
    'Points are usable for 6 months after the last activity.',
    'The period starts again with a credit, the event app.opened or the event visit.',
  ])
})

test('points and money have the decimals of the wallet and the currency', () => {
  const limits = { global: { type: 'TIME_BASED', unit: 'MONTH', max: 1250 }, transaction: { minAmount: 500 } }
  expect(sentences('earningLimits', { pointsDecimals: 2, earningLimits: limits })).toEqual([
    'A card earns at most 12.50 points in a calendar month; a credit above the limit grants only the allowed points.',
    'A credit for an order of less than 5.00 GBP is refused.',
  ])
  const payment = { payWithPoints: { type: 'EXCHANGE_RATIO', formula: '0.3' } }
  expect(sentences('payWithPoints', payment)[0]).toMatch(/: 30 points pay for 1\.00 GBP\./)
  expect(sentences('payWithPoints', { ...payment, currency: 'JPY' })[0]).toMatch(/: 0\.3 points pay for 1 JPY\./)
  expect(sentences('payWithPoints', { ...payment, pointsDecimals: 2 })[0]).toMatch(/: 0\.3 points pay for 1\.00 GBP\./)
})

test('a draft names what is not set yet', () => {
  const incomplete = {
    expiration: { type: 'ROLLING_EXPIRATION', rounding: 'END_OF_PARTICULAR_MONTH' },
    pending: { type: 'EVENT_BASED' },
    earningLimits: { global: { type: 'TIME_BASED' } },
    spendingLimits: { global: { type: 'SPENDING_BASED' } },
    payWithPoints: { type: 'EXCHANGE_RATIO' },
    refunds: { spent: { expiredLots: 'GRACE' } },
  }
  for (const step of Object.keys(incomplete)) expect(sentences(step, incomplete).join(' ')).toContain('not set yet')
})

/** Settings with which every choice has an effect. */
const FULL = {
  expiration: { type: 'ROLLING_EXPIRATION', every: 2, unit: 'YEAR', month: 3 },
  pending: { type: 'PERIOD_BASED', every: 2, unit: 'YEAR' },
  earningLimits: { global: { type: 'TIME_BASED', max: 9, unit: 'DAY' }, transaction: { maxPoints: 7 } },
  spendingLimits: { global: { type: 'TIME_BASED', max: 9, unit: 'DAY' }, transaction: { maxPoints: 7 } },
  payWithPoints: { type: 'EXCHANGE_RATIO', formula: '1' },
}
const NEEDED: Record<string, Fields> = {
  'expiration.resetBy': { expiration: { type: 'SLIDING_EXPIRATION', every: 2, unit: 'YEAR' } },
  'pending.cancelAfter.unit': { pending: { type: 'EVENT_BASED', cancelAfter: { every: 2 } } },
}

test('an entry without its values is named as not set yet', () => {
  const noPeriod = { every: null, unit: null }
  expect(sentences('notices', { notices: { expiring: [noPeriod, { every: 2, unit: 'DAY' }] } })).toEqual([
    'The event Points Expiring Soon is sent a period that is not set yet and 2 days before points expire.',
  ])
  const event = { type: 'EVENT_BASED', events: ['order.delivered'], cancelAfter: noPeriod }
  expect(sentences('pending', { pending: event })).toContain(
    'Without an event, points are canceled after a period that is not set yet.',
  )
  const dates = [
    { month: 6, day: null },
    { month: 12, day: 31 },
  ]
  expect(sentences('expiration', { expiration: { type: 'CALENDAR_EXPIRATION', dates } })).toEqual([
    'Points are usable until the end of the next day that is not set yet or 31 December.',
  ])
})

test.each(Object.entries(valueLabels).filter(([path]) => path !== 'type' && path !== 'status'))(
  'each value of %s reads differently',
  (path, labels) => {
    const values = Object.keys(labels)
    const texts = values.map((value) => {
      const settings = structuredClone({ ...PLAIN, ...FULL, ...NEEDED[path] }) as Fields
      set(settings, path, value)
      return JSON.stringify(walletSentences(settings as unknown as Wallet))
    })
    expect(new Set(texts).size).toBe(values.length)
    for (const text of texts) expect(text).not.toMatch(/undefined|null|NaN|[A-Z]_[A-Z]/)
  },
)

function set(settings: Fields, path: string, value: string): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let place = settings
  for (const name of names) {
    if (name.endsWith('[]')) {
      const entry = { every: 2 }
      place[name.slice(0, -2)] = [entry]
      place = entry
    } else place = place[name] as Fields
  }
  place[last] = last === 'resetBy' ? [value] : value
}
