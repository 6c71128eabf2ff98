import { expect, test } from 'vitest'
import { Problem, Unreachable } from '../../api/problems'
import type { Wallet } from '../../api/wallets'
import type { Document } from '../../forms/document'
import { EXAMPLE_SETTINGS as settings } from '../../forms/schema-example'
import { save, type UnfinishedCreation } from './saving'
import { changeOf, isChanged } from './wallet-document'

type Loss = 'request' | 'answer'

/** Wallets as the API keeps them: one for each key, with versions, over a connection that loses some answers. */
function service(losses: Loss[] = []) {
  const wallets = new Map<string, Wallet>()
  const byKey = new Map<string, string>()
  function answer<Result>(act: () => Result): Promise<Result> {
    return new Promise((resolve) => {
      const loss = losses.shift()
      if (loss === 'request') throw new Unreachable()
      const result = act()
      if (loss === 'answer') throw new Unreachable()
      resolve(result)
    })
  }
  function put(walletId: string, change: object): Wallet {
    const before = wallets.get(walletId)
    const version = (before?.version ?? 0) + 1
    const wallet = { ...before, ...change, walletId, version } as Wallet
    wallets.set(walletId, wallet)
    return wallet
  }
  const one = (walletId: string) => wallets.get(walletId)!
  const calls = {
    read: (walletId: string) => answer(() => one(walletId)),
    create: (document: unknown, status: 'DRAFT' | 'ACTIVE', key: string) =>
      answer(() => {
        const known = byKey.get(key)
        if (known) return one(known)
        byKey.set(key, `wal_${byKey.size}`)
        return put(`wal_${byKey.size - 1}`, { ...(document as Document), status })
      }),
    change: (walletId: string, version: number, change: unknown) =>
      answer(() => {
        if (one(walletId).version !== version) throw new Problem({ code: 'precondition_failed' }, 412)
        return put(walletId, change as object)
      }),
    activate: (walletId: string) => answer(() => put(walletId, { status: 'ACTIVE' })),
  }
  return { calls, wallets }
}

function saving(calls: ReturnType<typeof service>['calls'], document: Document, wallet: Wallet | null = null) {
  const kept: { unfinished: UnfinishedCreation | null } = { unfinished: null }
  const keep = (creation: UnfinishedCreation | null) => (kept.unfinished = creation)
  const send = (sent: Document, activate = false) =>
    save({ calls, settings, wallet, document: sent, activate, unfinished: kept.unfinished, keep })
  return { kept, send, first: (activate = false) => send(document, activate) }
}

test('a new wallet is created once, active or as a draft', async () => {
  const { calls, wallets } = service()
  expect(await saving(calls, { name: 'Cafe' }).first(true)).toMatchObject({ is: 'saved', wallet: { status: 'ACTIVE' } })
  expect(await saving(calls, { name: 'Draft' }).first()).toMatchObject({ is: 'saved', wallet: { status: 'DRAFT' } })
  expect([...wallets.values()].map(({ version }) => version)).toEqual([1, 1])
})

test('a creation whose answer was lost makes no second wallet, and takes what was entered since', async () => {
  const { calls, wallets } = service(['answer'])
  const form = saving(calls, { name: 'Cafe' })
  expect(await form.first()).toMatchObject({ is: 'unknown', wallet: null })
  expect(form.kept.unfinished?.settings).toEqual({ name: 'Cafe' })
  expect(await form.send({ name: 'Cafe', code: { length: 12 } }, true)).toMatchObject({
    is: 'saved',
    wallet: { code: { length: 12 }, status: 'ACTIVE' },
  })
  expect(wallets.size).toBe(1)
  expect(form.kept.unfinished).toBeNull()
})

test('only the groups that differ are changed, and a group without settings gets its defaults', async () => {
  const { calls } = service()
  const form = saving(calls, { name: 'Cafe', code: { length: 12 }, metadata: { season: 'winter' } })
  const created = await form.first()
  const wallet = created.is === 'saved' ? created.wallet : null
  const next = { name: 'Cafe', code: { length: 10 }, metadata: { season: 'winter' }, expiration: { type: 'NEVER' } }
  expect(wallet && changeOf(wallet, next, settings)).toEqual({ code: { length: 10 } })
  expect(wallet && changeOf(wallet, { name: 'Cafe', code: { length: 12 } }, settings)).toEqual({ metadata: null })
})

test('a change whose answer was lost is found in the newer version', async () => {
  const { calls, wallets } = service(['answer'])
  wallets.set('wal_9', { walletId: 'wal_9', version: 1, status: 'ACTIVE', name: 'Cafe' } as Wallet)
  const form = saving(calls, { name: 'Cafe', code: { length: 12 } }, wallets.get('wal_9'))
  expect((await form.first()).is).toBe('unknown')
  expect(await form.first()).toMatchObject({ is: 'saved', wallet: { version: 2 } })
})

test('a version of somebody else is shown, not overwritten', async () => {
  const { calls, wallets } = service()
  const mine = { walletId: 'wal_9', version: 1, status: 'ACTIVE', name: 'Cafe' } as Wallet
  wallets.set('wal_9', { ...mine, version: 2, name: 'Cafeteria' })
  expect(await saving(calls, { name: 'Cafe', code: { length: 12 } }, mine).first()).toMatchObject({
    is: 'outdated',
    theirs: { version: 2, name: 'Cafeteria' },
  })
  expect(wallets.get('wal_9')?.version).toBe(2)
})

test('a stored setting without an effect is removed by the next change', () => {
  const wallet = { name: 'Cafe', expiration: { type: 'NEVER', every: 3, unit: 'DAY' } } as unknown as Wallet
  expect(isChanged(wallet, { name: 'Cafe', expiration: { type: 'NEVER', every: 3, unit: 'DAY' } }, settings)).toBe(true)
  expect(changeOf(wallet, { name: 'Cafe', expiration: { type: 'NEVER' } }, settings)).toEqual({
    expiration: { type: 'NEVER' },
  })
})
