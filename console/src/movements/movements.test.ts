import { expect, test } from 'vitest'
import type { Card } from '../api/cards'
import type { Preview } from '../api/movements'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'
import { readAmount, readWhole } from './amounts'
import { causeOfCut } from './causes'
import { differences } from './differences'
import { isReversible, obstacle } from './obstacles'

const wallet = {
  status: 'ACTIVE',
  pointsName: 'points',
  pointsDecimals: 0,
  transfers: { allowed: false },
  payWithPoints: { type: 'EXCHANGE_RATIO' },
  earningLimits: { global: { type: 'TIME_BASED', unit: 'MONTH', max: 5000 }, transaction: { maxPoints: 100 } },
  spendingLimits: { global: { type: 'SPENDING_BASED', max: 9000 } },
} as unknown as Wallet

test.each([
  ['12.50', 2, 1250],
  ['12.5', 2, 1250],
  ['1,250', 0, 1250],
  [' 7 ', 0, 7],
  ['12.', 2, 1200],
  ['0.01', 2, 1],
  ['1000000000000', 0, 1_000_000_000_000],
])('%s typed with %i decimals are %i of the smallest unit', (text, decimals, number) => {
  expect(readAmount(text, decimals)).toEqual({ number })
})

test.each([
  ['', 0],
  ['0', 0],
  ['0.00', 2],
  ['-5', 0],
  ['12,5', 2],
  ['1.250', 2],
  ['12.5', 0],
  ['3.000', 0],
  ['1e3', 0],
  ['1000000000001', 0],
])('%s typed with %i decimals is no amount', (text, decimals) => {
  expect(readAmount(text, decimals)).toHaveProperty('error')
})

test('a count has its maximum', () => {
  expect(readWhole('31', 31)).toEqual({ number: 31 })
  expect(readWhole('32', 31)).toEqual({ error: 'Enter at most 31.' })
})

test('each cause of a cut is said in words, with the number of the wallet’s setting', () => {
  expect(causeOfCut('earningLimits.global', wallet)).toContain('earn at most 5,000 points in a calendar month')
  expect(causeOfCut('earningLimits.transaction', wallet)).toContain('at most 100 points in one credit')
  expect(causeOfCut('spendingLimits.global', wallet)).toContain('spend at most 9,000 points altogether')
  expect(causeOfCut('balance', wallet)).toContain('no more points')
  expect(causeOfCut('AMOUNT_LIMIT', wallet)).toContain('maximum amount')
  expect(causeOfCut('newLimits.other', wallet)).toContain('newLimits.other')
})

const lot = {
  state: 'ACTIVE' as const,
  points: 200,
  activatesAt: null,
  cancelsAt: null,
  expiresAt: '2027-12-01T00:00:00Z',
  issuedOn: '2026-11-26',
}
const balance = (active: number) => ({ active, pending: 0, held: 0, available: active, debt: 0 })
const preview = { points: 200, lots: [lot], balanceBefore: balance(50), balance: balance(250) } as unknown as Preview
const transaction = { points: 200, lots: [lot], balanceAfter: balance(250) } as unknown as Transaction
const terms = { decimals: 0, zone: 'Europe/London' }

test('a movement as reviewed has no differences, even if its dates count from a later instant', () => {
  const later = { ...transaction, lots: [{ ...lot, expiresAt: '2027-12-01T00:03:00Z' }] }
  expect(differences(preview, later, terms)).toEqual([])
})

test('a card that changed between review and confirmation is reported', () => {
  const other = {
    ...transaction,
    points: 120,
    deltas: { active: 120, pending: 0, held: 0 },
    balanceAfter: balance(270),
  }
  expect(differences(preview, other, terms)).toEqual([
    '120 points moved, not 200 as reviewed.',
    '270 points are active now, not 250 as reviewed.',
  ])
})

test('other dates than reviewed are reported', () => {
  const other = { ...transaction, lots: [{ ...lot, expiresAt: '2028-01-01T00:00:00Z' }] }
  expect(differences(preview, other, terms)).toEqual(['The points have other dates than reviewed: until 31 Dec 2027.'])
})

test('a state that forbids a movement is the reason of its control', () => {
  const card = { status: 'ACTIVE', balance: { ...balance(5), pending: 0 }, lots: [lot] } as unknown as Card
  expect(obstacle('credit', card, wallet)).toBeUndefined()
  expect(obstacle('transfer', card, wallet)).toContain('does not allow transfers')
  expect(obstacle('activate', card, wallet)).toContain('No points are pending')
  const blocked: Card = { ...card, status: 'BLOCKED' }
  expect(obstacle('debit', blocked, wallet)).toContain('blocked')
  expect(obstacle('credit', blocked, wallet)).toBeUndefined()
  expect(obstacle('capture', blocked, wallet)).toBeUndefined()
  expect(obstacle('adjustment', { ...card, status: 'FROZEN' }, wallet)).toContain('frozen')
  const inactive: Wallet = { ...wallet, status: 'INACTIVE' }
  expect(obstacle('credit', card, inactive)).toContain('inactive')
  expect(obstacle('adjustment', card, inactive)).toBeUndefined()
})

test('credits, debits and adjustments without an order are reversible', () => {
  const row = { type: 'CREDIT', operation: 'credit', orderId: null } as Transaction
  expect(isReversible(row)).toBe(true)
  expect(isReversible({ ...row, orderId: '#1001' })).toBe(false)
  expect(isReversible({ ...row, operation: 'reversal' })).toBe(false)
  expect(isReversible({ ...row, type: 'TRANSFER_IN', operation: 'transfer' })).toBe(false)
})
