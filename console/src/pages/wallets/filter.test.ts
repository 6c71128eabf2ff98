import { expect, test } from 'vitest'
import type { Wallet } from '../../api/wallets'
import { matchingWallets, statusOf } from './filter'

const WALLETS = [
  { walletId: 'wal_1', name: 'Tea Club', pointsName: 'leaves', status: 'ACTIVE' },
  { walletId: 'wal_2', name: 'Winter', pointsName: 'flakes', status: 'DRAFT' },
] as Wallet[]

const found = (text: string, status?: string) =>
  matchingWallets(WALLETS, text, statusOf(status)).map(({ walletId }) => walletId)

test('wallets are found by name, points, id and status', () => {
  expect(found('')).toEqual(['wal_1', 'wal_2'])
  expect(found(' tea ')).toEqual(['wal_1'])
  expect(found('FLAKES')).toEqual(['wal_2'])
  expect(found('wal_2')).toEqual(['wal_2'])
  expect(found('', 'DRAFT')).toEqual(['wal_2'])
  expect(found('tea', 'DRAFT')).toEqual([])
})

test('a status that does not exist filters nothing', () => {
  expect(found('', 'toString')).toEqual(['wal_1', 'wal_2'])
})
