import { expect, test } from 'vitest'
import type { Card, Lot } from '../../api/cards'
import type { Wallet } from '../../api/wallets'
import { Problem } from '../../api/problems'
import { errorsOf } from '../values'
import { checkAdjustment, checkCredit, checkExpiry, checkPayment } from './checks'
import type { Terms } from './terms'

const wallet = { walletId: 'wal_1', name: 'Club', pointsName: 'stars', pointsDecimals: 2, currency: 'GBP' } as Wallet
const card = { walletId: 'wal_1', customerId: 'ann' } as Card
const terms: Terms = { card, wallet, zone: 'Europe/Berlin', maxByHand: null }

const credit = {
  points: '12.50',
  pointsDescription: ' Late ',
  activatesAt: '',
  expiresAt: '',
  orderId: '',
  'order.amount': '',
}

test('a credit by hand has its points in the smallest unit, its description, and no dates of its own', () => {
  expect(checkCredit(credit, terms)).toEqual({ body: { points: 1250, source: 'Manual', pointsDescription: 'Late' } })
})

test('a last usable day is sent as the midnight after it, in the project’s zone', () => {
  const dated = { ...credit, activatesAt: '2098-06-01', expiresAt: '2098-12-31', orderId: '#7', 'order.amount': '30' }
  expect(checkCredit(dated, terms)).toEqual({
    body: {
      points: 1250,
      source: 'Manual',
      pointsDescription: 'Late',
      orderId: '#7',
      order: { amount: 3000 },
      activatesAt: '2098-05-31T22:00:00Z',
      expiresAt: '2098-12-31T23:00:00Z',
    },
  })
})

test('the first usable day is a day to come, and the last one is not before it', () => {
  const today = new Date().toISOString().slice(0, 10)
  const errors = (dates: object) => checkCredit({ ...credit, ...dates }, { ...terms, zone: 'UTC' })
  expect(errors({ activatesAt: today })).toHaveProperty('errors.activatesAt')
  expect(errors({ activatesAt: '2098-06-02', expiresAt: '2098-06-01' })).toHaveProperty('errors.expiresAt')
  expect(errors({ activatesAt: '2098-06-01', expiresAt: '2098-06-01' })).toHaveProperty('body')
  expect(errors({ expiresAt: '9999-12-31' })).toHaveProperty('errors.expiresAt')
})

test('everything that is wrong with a form is shown at once, at its field', () => {
  const wrong = { ...credit, points: '0', pointsDescription: '', expiresAt: '2020-01-01', 'order.amount': '5' }
  const checked = checkCredit(wrong, terms)
  expect('errors' in checked && Object.keys(checked.errors).sort()).toEqual([
    'expiresAt',
    'orderId',
    'points',
    'pointsDescription',
  ])
})

test('an adjustment that removes points is negative and has no expiry', () => {
  const values = { direction: 'remove', points: '3', reason: 'Twice', qualifying: true, expiresAt: '2098-12-31' }
  expect(checkAdjustment(values, terms)).toEqual({ body: { points: -300, reason: 'Twice', qualifying: true } })
})

test('the limit of a payment is a number of points or an amount of money', () => {
  const values = {
    'order.id': '#7',
    'order.amount': '12.50',
    limit: 'POINTS_LIMIT',
    'paymentLimit.max': '2.5',
    pointsDescription: '',
  }
  expect(checkPayment(values, terms)).toMatchObject({
    body: { order: { id: '#7', amount: 1250 }, paymentLimit: { type: 'POINTS_LIMIT', max: 250 } },
  })
  const yen: Terms = { ...terms, wallet: { ...wallet, currency: 'JPY' } }
  expect(
    checkPayment({ ...values, 'order.amount': '1250', limit: 'AMOUNT_LIMIT', 'paymentLimit.max': '900' }, yen),
  ).toMatchObject({
    body: { order: { amount: 1250 }, paymentLimit: { type: 'AMOUNT_LIMIT', max: 900 } },
  })
  expect(checkPayment({ ...values, limit: 'CARD_BALANCE', 'paymentLimit.max': '' }, terms)).toMatchObject({
    body: { paymentLimit: { type: 'CARD_BALANCE' } },
  })
})

test('a changed expiry names its lot as the card shows it', () => {
  const lot = { state: 'ACTIVE', points: 500, expiresAt: null, issuedOn: '2026-11-26' } as Lot
  const values = { expires: 'never', expiresAt: '', points: '', reason: 'Agreed' }
  expect(checkExpiry(values, terms, lot)).toEqual({
    body: { expiresAt: null, lots: [{ expiresAt: null, issuedOn: '2026-11-26' }], reason: 'Agreed' },
  })
  expect(checkExpiry({ ...values, expires: 'day', expiresAt: '2098-06-30' }, terms)).toEqual({
    body: { expiresAt: '2098-06-30T22:00:00Z', reason: 'Agreed' },
  })
})

test('complaints of the API are shown at the fields of the form', () => {
  const errors = [{ field: 'body.order.amount', code: 'too_small', message: 'Too small.' }]
  expect(errorsOf(new Problem({ errors }, 422))).toEqual({ 'order.amount': 'Too small.' })
  const held = [{ field: 'body.points', code: 'too_large', message: '1000 are held.' }]
  expect(errorsOf(new Problem({ errors: held, held: 1000 }, 422), 2)).toEqual({ points: '10.00 are held.' })
})
