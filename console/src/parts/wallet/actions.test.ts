import { expect, test } from 'vitest'
import type { Wallet } from '../../api/wallets'
import { walletActions } from './actions'

const REQUIRED = { step: 'expiration', field: 'expiration.every', code: 'required', message: 'Set a period.' }

function told(wallet: Partial<Wallet>, circumstances = { mayWrite: true, online: true }): string[] {
  const full = { walletId: 'wal_1', status: 'ACTIVE', actionRequired: [], usedBy: [], ...wallet } as unknown as Wallet
  return walletActions(full, circumstances).map(({ text, disabledReason }) =>
    disabledReason === undefined ? text : `${text}: ${disabledReason}`,
  )
}

test('a draft that needs action has the reason and the step instead of the activation', () => {
  expect(told({ status: 'DRAFT', actionRequired: [REQUIRED] })).toEqual([
    'Activate: Period: Set a period.',
    'Go to step Expiration',
    'Edit',
    'Copy',
    'Versions',
    'Delete',
  ])
})

test('an active wallet is deactivated before it is deleted', () => {
  expect(told({ status: 'ACTIVE' })).toEqual([
    'Deactivate',
    'Edit',
    'Copy',
    'Versions',
    'Delete: Deactivate the wallet first.',
  ])
})

test('a wallet in use cannot be deleted, and a deleted wallet can only be copied', () => {
  const usedBy = [{ kind: 'CAMPAIGN' as const, id: 'cmp_1' }]
  expect(told({ status: 'INACTIVE', usedBy }).at(-1)).toBe('Delete: 1 campaign, program or reward uses the wallet.')
  expect(told({ status: 'DELETED' })).toEqual(['Copy', 'Versions'])
})

test('nothing is offered to write without the scope, and nothing is written offline', () => {
  expect(told({}, { mayWrite: false, online: true })).toEqual(['Versions'])
  expect(told({}, { mayWrite: true, online: false })).toContain('Deactivate: You are offline.')
})
