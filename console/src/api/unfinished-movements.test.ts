import { beforeEach, expect, test, vi } from 'vitest'
import { abandonMovement, forgetMovement, keepMovement, unfinishedMovements } from './unfinished-movements'

const stored = new Map<string, string>()
vi.stubGlobal('sessionStorage', {
  getItem: (name: string) => stored.get(name) ?? null,
  setItem: (name: string, value: string) => stored.set(name, value),
})
vi.stubGlobal('window', { location: { hash: '#/customers/ann' } })

const card = { walletId: 'wal_1', customerId: 'ann' }
const keys = () => unfinishedMovements().map(({ key }) => key)

beforeEach(() => ['k1', 'k2'].forEach(forgetMovement))

test('a movement is listed as unfinished when its form is closed before the outcome is known', () => {
  keepMovement({ key: 'k1', description: 'Credit 200 points to ann in Club', card, orderId: '#7' })
  expect(keys()).toEqual([])
  abandonMovement('k1')
  expect(unfinishedMovements()).toMatchObject([{ key: 'k1', card, orderId: '#7', location: '#/customers/ann' }])
  forgetMovement('k1')
  expect(keys()).toEqual([])
})

test('a movement with an outcome is never listed', () => {
  keepMovement({ key: 'k2', description: 'Debit', card })
  forgetMovement('k2')
  abandonMovement('k2')
  expect(keys()).toEqual([])
})

test('a reloaded page lists the movements that were sent before', async () => {
  keepMovement({ key: 'k1', description: 'Credit', card })
  vi.resetModules()
  const reloaded = await import('./unfinished-movements')
  expect(reloaded.unfinishedMovements()).toMatchObject([{ key: 'k1' }])
})
