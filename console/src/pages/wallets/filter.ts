import type { Wallet, WalletStatus } from '../../api/wallets'
import { walletStatus } from '../../words/en'

/** The status in a location's query, or undefined for a text that is none. */
export function statusOf(text: string | undefined): WalletStatus | undefined {
  return text !== undefined && Object.hasOwn(walletStatus, text) ? (text as WalletStatus) : undefined
}

/** The wallets with the status whose name, points or id contain the text, in any case. */
export function matchingWallets(wallets: readonly Wallet[], text: string, status?: WalletStatus): Wallet[] {
  const sought = text.trim().toLowerCase()
  return wallets.filter(
    (wallet) =>
      (status === undefined || wallet.status === status) &&
      [wallet.name, wallet.pointsName, wallet.walletId].some((field) => field.toLowerCase().includes(sought)),
  )
}
