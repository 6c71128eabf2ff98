import { to } from '../routing'
import type { Shortcut } from './shell-context'

/** The pages of the navigation. Their keys follow `g`. */
export const navigation: readonly Shortcut[] = [
  { text: 'Customers', href: to.customers(), key: 'c' },
  { text: 'Wallets', href: to.wallets(), key: 'w' },
]
