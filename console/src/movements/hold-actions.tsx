import type { ReactNode } from 'react'
import type { Card, OpenHold } from '../api/cards'
import type { Wallet } from '../api/wallets'

/** Captures or releases a hold. */
export const HoldActions: (shown: { hold: OpenHold; card: Card; wallet: Wallet }) => ReactNode = () => null
