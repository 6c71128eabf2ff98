import type { ReactNode } from 'react'
import type { Card, Lot } from '../api/cards'
import type { Wallet } from '../api/wallets'

/** Changes the expiry of a lot, or activates or cancels it while it is pending. */
export const LotActions: (shown: { lot: Lot; card: Card; wallet: Wallet }) => ReactNode = () => null
