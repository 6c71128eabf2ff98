import { expect, test } from 'vitest'
import type { Lot } from '../../api/cards'
import type { Transaction } from '../../api/transactions'
import { limitInWords } from '../../words/en'
import { formOf, metadataOf } from './card-metadata'
import { byExpiryMonth } from './expiry'
import { filtersOf, isFiltered } from './filters'
import { ordersOf } from './orders-of'
import { remarksOn } from './remarks'
import { reversalsIn } from './reversals'
import { segmentsChange } from './segments-change'

const lot = (changes: Partial<Lot>): Lot => ({
  state: 'ACTIVE',
  points: 100,
  activatesAt: null,
  cancelsAt: null,
  expiresAt: null,
  issuedOn: '2026-11-25',
  ...changes,
})

const row = (changes: Partial<Transaction>): Transaction =>
  ({
    type: 'CREDIT',
    points: 100,
    createdAt: '2026-11-25T12:00:00Z',
    orderId: null,
    requested: null,
    cappedBy: null,
    ...changes,
  }) as Transaction

test('points are counted in the month of their last usable day in the zone, not of the instant in UTC', () => {
  const endOfMay = lot({ expiresAt: '2027-05-31T23:00:00Z' })
  const endOfJuly = lot({ expiresAt: '2027-07-31T23:00:00Z', state: 'HELD', points: 30 })
  const found = byExpiryMonth([endOfJuly, endOfMay], 'Europe/London')
  expect(found.map(({ month, active, held }) => [month, active, held])).toEqual([
    ['2027-05', 100, 0],
    ['2027-06', 0, 0],
    ['2027-07', 0, 30],
  ])
  expect(byExpiryMonth([lot({ expiresAt: '2027-01-01T00:00:00Z' })], 'Europe/London')[0]?.month).toBe('2026-12')
})

test('points without a date come last: event-based pending points apart from those that never expire', () => {
  const lots = [
    lot({ points: 1 }),
    lot({ state: 'PENDING', points: 2 }),
    lot({ state: 'PENDING', points: 4, activatesAt: '2027-01-01T00:00:00Z' }),
    lot({ points: 8, expiresAt: '2027-02-25T00:00:00Z' }),
  ]
  expect(byExpiryMonth(lots, 'Europe/London')).toEqual([
    { month: '2027-02', active: 8, pending: 0, held: 0 },
    { month: 'undated', active: 0, pending: 2, held: 0 },
    { month: 'never', active: 1, pending: 4, held: 0 },
  ])
})

test('a far expiry does not fill the axis with empty months', () => {
  const lots = [lot({ expiresAt: '2026-12-10T00:00:00Z' }), lot({ expiresAt: '2040-12-10T00:00:00Z' })]
  expect(byExpiryMonth(lots, 'UTC').map(({ month }) => month)).toEqual(['2026-12', '2040-12'])
})

test('dates of a filter are whole days of the zone, and points are in the wallet’s decimals', () => {
  const query = { type: 'DEBIT', order: ' #1003 ', min: '12.5', from: '2026-07-01', to: '2026-07-01', tab: 'timeline' }
  expect(filtersOf(query, 'Europe/London', 2)).toEqual({
    type: 'DEBIT',
    orderId: '#1003',
    minPoints: 1250,
    from: '2026-06-30T23:00:00Z',
    to: '2026-07-01T23:00:00Z',
  })
})

test('values that the API would refuse filter nothing', () => {
  const query = { type: 'NONE', source: 'constructor', min: 'many', max: '1.234', from: 'yesterday', to: '9999-12-31' }
  expect(filtersOf({ from: '2026-13-45' }, 'UTC', 2)).toEqual({})
  expect(Object.values(filtersOf(query, 'UTC', 2)).filter((value) => value !== undefined)).toEqual([])
  expect(isFiltered({ tab: 'lots', explain: 'x.1' })).toBe(false)
})

test('an order sums what its transactions earned, spent, took back and gave back', () => {
  const rows = [
    row({ type: 'REVOCATION', points: 40, orderId: 'b', createdAt: '2026-11-25T13:00:00Z' }),
    row({ type: 'DEBIT', points: 20, orderId: 'a' }),
    row({ type: 'CREDIT', points: 100, orderId: 'b' }),
    row({ type: 'ACTIVATION', points: 100, orderId: 'b' }),
    row({ points: 7 }),
  ]
  expect(ordersOf(rows)).toEqual([
    { orderId: 'b', earned: 100, spent: 0, returned: 0, revoked: 40, rows: 3, lastAt: '2026-11-25T13:00:00Z' },
    { orderId: 'a', earned: 0, spent: 20, returned: 0, revoked: 0, rows: 1, lastAt: '2026-11-25T12:00:00Z' },
  ])
})

const terms = { decimals: 0, currency: 'GBP', campaignName: (id: string) => (id === 'cmp_1' ? 'Birthday' : id) }

test('a row says what the caller wrote, what limited it, and what a refund costs', () => {
  const limited = row({ pointsDescription: 'Welcome', requested: 25000, cappedBy: 'earningLimits.transaction' })
  expect(remarksOn(limited, { ...terms, decimals: 2 })).toEqual([
    'Welcome',
    '250.00 requested, limited by the earning limit of one credit',
  ])
  const notice = row({ notice: '30 DAY' })
  expect(remarksOn(notice, terms)).toEqual(['Notice 30 days ahead of the date'])
  const refund = row({
    refund: { type: 'AMOUNT', moneyAmount: 10000, shortfall: 5, keptExpired: 0 } as Transaction['refund'],
  })
  expect(remarksOn(refund, terms)).toEqual(['Amount refund, 100.00 GBP to pay back, 5 points could not be taken back'])
})

test('a campaign has its name where it is known, and every limit has words', () => {
  expect(remarksOn(row({ campaignId: 'cmp_1' }), terms)).toEqual(['Campaign Birthday'])
  expect(remarksOn(row({ campaignId: 'cmp_2' }), terms)).toEqual(['Campaign cmp_2'])
  expect(limitInWords('earningLimits.transaction.maxPoints')).toBe('the earning limit of one credit')
  expect(limitInWords('spendingLimits.global.max')).toBe('the spending limit of a card')
  expect(limitInWords('POINTS_LIMIT')).toBe('the maximum points of the payment')
  expect(limitInWords('other')).toBe('the setting other')
})

test('a transaction is reversed if the rows have its reversal', () => {
  const reversal = row({ transactionId: 'card.3', reverses: 'card.1' })
  const reversals = reversalsIn([reversal, row({ transactionId: 'card.2' }), row({ transactionId: 'card.1' })])
  expect(reversals.get('card.1')).toBe(reversal)
  expect(reversals.size).toBe(1)
})

test('a change of segments names only what differs', () => {
  expect(segmentsChange(['vip', 'new'], ['vip', 'tea'])).toEqual({ add: ['tea'], remove: ['new'] })
})

test('the form of a card’s metadata keeps properties that no schema has', () => {
  const properties = [{ name: 'tier', type: 'STRING' as const, required: false }]
  const form = formOf({ tier: 'gold', shoe: { size: 42 } }, properties)
  expect(form.known).toEqual({ tier: 'gold' })
  expect(metadataOf({ ...form, known: {} })).toEqual({ shoe: { size: 42 } })
  expect(metadataOf({ known: { tier: 'gold' }, others: '' })).toEqual({ tier: 'gold' })
  expect(metadataOf({ known: {}, others: '[1]' })).toBeUndefined()
  expect(metadataOf({ known: {}, others: '{"shoe"' })).toBeUndefined()
})
