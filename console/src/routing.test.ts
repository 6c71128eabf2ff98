import { expect, test } from 'vitest'
import { idOf, segment, to } from './routing'

test.each(['ann', '#1003', 'a/b', '100%', 'a~b', '50%25', 'ann@example.com', 'Ünal', 'a?b&c=d'])(
  'the id %s survives the location',
  (id) => {
    const encoded = segment(id)
    expect(encoded).not.toMatch(/[%/?#&]/)
    expect(idOf(encoded)).toBe(id)
  },
)

test('a segment that nobody encoded is an id as it is written', () => {
  expect(idOf('~zz')).toBe('~zz')
})

test('a location has its query in the fragment', () => {
  expect(to.customer('ann', 'wal_1')).toBe('/customers/ann?wallet=wal_1')
  expect(to.order('#1003')).toBe('/orders/~231003')
})
