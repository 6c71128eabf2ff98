import { to } from '../routing'

export const navigation = [
  { text: 'Customers', href: to.customers(), shortcut: 'c' },
  { text: 'Wallets', href: to.wallets(), shortcut: 'w' },
] as const
