import { expect, test } from 'vitest'
import { bodyOf, emptyForm, typedAmount } from './refund-body'

const lines = [
  { id: '0 SKU-9', productId: 'SKU-9', lineId: null, quantity: 2, amount: 20000, refunded: 0 },
  { id: '1 l2', productId: 'SKU-7', lineId: 'l2', quantity: 1, amount: 10000, refunded: 0 },
]

test('a whole refund needs nothing else', () => {
  expect(bodyOf(emptyForm, lines, 'GBP')).toEqual({ type: 'FULL', reason: null })
})

test('an amount is typed in major units and sent in minor units', () => {
  expect(bodyOf({ ...emptyForm, extent: 'AMOUNT', amount: '12.50' }, lines, 'GBP')).toMatchObject({ amount: 1250 })
  expect(bodyOf({ ...emptyForm, extent: 'AMOUNT', amount: '1,250' }, lines, 'JPY')).toMatchObject({ amount: 1250 })
  for (const amount of ['', '0', '-1', '12.505', '12,50', 'twelve'])
    expect(bodyOf({ ...emptyForm, extent: 'AMOUNT', amount }, lines, 'GBP')).toBeNull()
})

test('an amount above what is left of the order is refused', () => {
  const form = { ...emptyForm, extent: 'AMOUNT' as const, amount: '66.68' }
  expect(bodyOf(form, lines, 'GBP', 6667)).toBeNull()
  expect(typedAmount(form, 'GBP', 6667)).toEqual({ error: 'At most 66.67 GBP are left to refund.' })
  expect(bodyOf({ ...form, amount: '66.67' }, lines, 'GBP', 6667)).toMatchObject({ amount: 6667 })
})

test('returned items are named by product and line, without the lines that stay', () => {
  const form = { ...emptyForm, extent: 'ITEMS' as const, quantities: { '1 l2': 1, '0 SKU-9': 0 }, reason: ' broken ' }
  expect(bodyOf(form, lines, 'GBP')).toEqual({
    type: 'ITEMS',
    items: [{ productId: 'SKU-7', lineId: 'l2', quantity: 1 }],
    reason: 'broken',
  })
  expect(bodyOf({ ...form, quantities: {} }, lines, 'GBP')).toBeNull()
})
