import type { AdjustmentBody, CreditBody, ExpiryChangeBody, PaymentBody } from '../../api/movements'
import type { Lot } from '../../api/cards'
import { NO_ORDER, readOrder } from './order-values'
import { Reading, type Terms } from './terms'

export const CREDIT = { points: '', pointsDescription: '', activatesAt: '', expiresAt: '', ...NO_ORDER }

export function checkCredit(values: typeof CREDIT, terms: Terms) {
  const read = new Reading(terms)
  const body: CreditBody = {
    points: read.points('points', values.points),
    source: 'Manual',
    pointsDescription: read.text('pointsDescription', values.pointsDescription, 'Enter what the points are for.'),
    ...readOrder(read, values),
    ...(values.activatesAt === '' ? {} : { activatesAt: read.activation('activatesAt', values.activatesAt) }),
    ...(values.expiresAt === '' ? {} : { expiresAt: read.expiry('expiresAt', values.expiresAt, values.activatesAt) }),
  }
  return read.checked(body)
}

export const ADJUSTMENT = { direction: 'add', points: '', reason: '', qualifying: false, expiresAt: '' }

export function checkAdjustment(values: typeof ADJUSTMENT, terms: Terms) {
  const read = new Reading(terms)
  const points = read.points('points', values.points)
  const adds = values.direction === 'add'
  return read.checked<AdjustmentBody>({
    points: adds ? points : -points,
    reason: read.text('reason', values.reason, 'Enter the reason. It stays on the transaction.'),
    qualifying: values.qualifying,
    ...(adds && values.expiresAt !== '' ? { expiresAt: read.expiry('expiresAt', values.expiresAt) } : {}),
  })
}

export const PAYMENT = {
  'order.id': '',
  'order.amount': '',
  limit: 'CARD_BALANCE',
  'paymentLimit.max': '',
  pointsDescription: '',
}

export function checkPayment(values: typeof PAYMENT, terms: Terms) {
  const read = new Reading(terms)
  const max = values['paymentLimit.max']
  return read.checked<PaymentBody>({
    order: {
      id: read.text('order.id', values['order.id'], 'Enter the number of the order.'),
      amount: read.money('order.amount', values['order.amount']),
    },
    paymentLimit:
      values.limit === 'POINTS_LIMIT'
        ? { type: 'POINTS_LIMIT', max: read.points('paymentLimit.max', max) }
        : values.limit === 'AMOUNT_LIMIT'
          ? { type: 'AMOUNT_LIMIT', max: read.money('paymentLimit.max', max) }
          : { type: 'CARD_BALANCE' },
    source: 'Manual',
    pointsDescription: read.optionalText('pointsDescription', values.pointsDescription),
  })
}

export const EXPIRY = { expires: 'day', expiresAt: '', points: '', reason: '' }

export function checkExpiry(values: typeof EXPIRY, terms: Terms, lot?: Lot) {
  const read = new Reading(terms)
  const part = values.points.trim() === '' ? {} : { points: read.points('points', values.points) }
  return read.checked<ExpiryChangeBody>({
    expiresAt: values.expires === 'never' ? null : read.expiry('expiresAt', values.expiresAt),
    ...(lot ? { lots: [{ expiresAt: lot.expiresAt, issuedOn: lot.issuedOn, ...part }] } : {}),
    reason: read.text('reason', values.reason, 'Enter the reason. It stays on the transaction.'),
  })
}
