import { expect, test } from 'vitest'
import type { SearchResult } from '../../api/search'
import { onlyLocation } from './result-locations'

const order = (customerId: string): SearchResult => ({
  kind: 'ORDER',
  id: '#1003',
  walletId: null,
  customerId,
  label: '#1003',
})

test('one exact match leads straight to its page', () => {
  const card: SearchResult = { kind: 'CARD', id: 'CAFE-1', walletId: 'wal_1', customerId: 'ann', label: 'Club' }
  expect(onlyLocation([card])).toBe('/customers/ann?wallet=wal_1')
  expect(onlyLocation([order('ann')])).toBe('/orders/~231003?customer=ann')
})

test('an order of two customers, and a text without a match, lead nowhere at once', () => {
  expect(onlyLocation([order('ann'), order('ben')])).toBeUndefined()
  expect(onlyLocation([])).toBeUndefined()
})
