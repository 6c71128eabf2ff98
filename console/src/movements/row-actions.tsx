import type { ReactNode } from 'react'
import type { Card } from '../api/cards'
import type { Transaction } from '../api/transactions'
import type { Wallet } from '../api/wallets'

/** What can be done about a transaction, such as its reversal. */
export const RowActions: (shown: { row: Transaction; card: Card; wallet: Wallet }) => ReactNode = () => null
