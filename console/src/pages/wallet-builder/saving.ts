import { newIdempotencyKey } from '../../api/movement'
import { isFinal, Problem } from '../../api/problems'
import type { WalletCalls } from '../../api/wallet-builder'
import type { Wallet } from '../../api/wallets'
import { isSame, withValue, type Document } from '../../forms/document'
import type { Setting } from '../../forms/settings'
import { changeOf } from './wallet-document'

/** A creation without a final answer. It is sent again with its key before anything else is saved. */
export interface UnfinishedCreation {
  key: string
  settings: Document
  status: 'DRAFT' | 'ACTIVE'
}

export type Saved =
  | { is: 'saved'; wallet: Wallet }
  | { is: 'refused'; problem: Problem; wallet: Wallet | null }
  /** Somebody else saved another version meanwhile. */
  | { is: 'outdated'; theirs: Wallet }
  /** No final answer came. Saving again is safe. */
  | { is: 'unknown'; failure: Error; wallet: Wallet | null }

interface Saving {
  calls: WalletCalls
  settings: readonly Setting[]
  /** The version that the form began with; null for a new wallet. */
  wallet: Wallet | null
  /** The settings to save, as the API takes them. */
  document: Document
  activate: boolean
  unfinished: UnfinishedCreation | null
  keep: (creation: UnfinishedCreation | null) => void
}

/** Creates or changes the wallet, and activates it if asked. */
export async function save(saving: Saving): Promise<Saved> {
  let wallet = saving.wallet
  try {
    if (!wallet) {
      const created = await create(saving)
      wallet = created.wallet
      if (created.isComplete) return { is: 'saved', wallet }
    }
    const change = changeOf(wallet, saving.document, saving.settings)
    if (Object.keys(change).length > 0) {
      const changed = await changeWallet(saving, wallet, change)
      if (changed.is === 'outdated') return changed
      wallet = changed.wallet
    }
    if (saving.activate && wallet.status !== 'ACTIVE') wallet = await saving.calls.activate(wallet.walletId)
    return { is: 'saved', wallet }
  } catch (failure) {
    if (isFinal(failure)) return { is: 'refused', problem: failure, wallet }
    return { is: 'unknown', failure: failure as Error, wallet }
  }
}

/**
 * Creates the wallet. A creation whose answer was lost is sent again as it was, so that no second wallet is made; its wallet
 * is complete if nothing was entered since.
 */
async function create({ calls, document, activate, unfinished, keep }: Saving) {
  const status = activate ? 'ACTIVE' : 'DRAFT'
  async function send(creation: UnfinishedCreation): Promise<{ wallet: Wallet; isComplete: boolean }> {
    const wallet = await calls.create(creation.settings, creation.status, creation.key)
    keep(null)
    return { wallet, isComplete: creation.status === status && isSame(creation.settings, document) }
  }
  if (unfinished) {
    try {
      return await send(unfinished)
    } catch (failure) {
      if (!isFinal(failure)) throw failure
    }
  }
  const creation = { key: newIdempotencyKey(), settings: document, status } as const
  keep(creation)
  try {
    return await send(creation)
  } catch (failure) {
    if (isFinal(failure)) keep(null)
    throw failure
  }
}

async function changeWallet(
  { calls, document, settings }: Saving,
  wallet: Wallet,
  change: Document,
): Promise<{ is: 'changed'; wallet: Wallet } | { is: 'outdated'; theirs: Wallet }> {
  try {
    return { is: 'changed', wallet: await calls.change(wallet.walletId, wallet.version, change) }
  } catch (failure) {
    if (!(failure instanceof Problem) || failure.status !== 412) throw failure
    const theirs = await calls.read(wallet.walletId)
    // The newer version is this change itself, if its answer was lost.
    const isOwn = isSame(changeOf(theirs, withValue(document, 'addToSchema', undefined), settings), {})
    return isOwn ? { is: 'changed', wallet: theirs } : { is: 'outdated', theirs }
  }
}
