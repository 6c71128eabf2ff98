import type { ReactNode } from 'react'
import type { Card } from '../api/cards'
import type { Wallet } from '../api/wallets'

/** Blocks, freezes, opens or closes the card. */
export const CardStatusMenu: (shown: { card: Card; wallet: Wallet }) => ReactNode = () => null
