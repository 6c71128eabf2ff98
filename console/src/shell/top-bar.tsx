import { TopNavigation } from '@cloudscape-design/components'
import { useQueryClient } from '@tanstack/react-query'
import { to } from '../routing'
import { useSession } from '../session/session'
import { forgetToken } from '../session/token'
import { roles } from '../words/en'
import { chooseAppearance, chooseCompact, useAppearance } from './appearance'
import { Search } from './search'

export function focusSearch(): void {
  // The top bar has a hidden copy of its content, by which it measures itself.
  const inputs = [...document.querySelectorAll<HTMLInputElement>('#top input')]
  inputs.find((input) => input.checkVisibility({ visibilityProperty: true }))?.focus()
}

export function TopBar() {
  const session = useSession()
  const queries = useQueryClient()
  const { dark, compact } = useAppearance()
  const role = session.role ? (roles[session.role] ?? session.role) : 'Key with scopes'
  return (
    <div id="top">
      <TopNavigation
        identity={{ href: `#${to.wallets()}`, title: 'Loyalty Wallets' }}
        search={<Search />}
        utilities={[
          {
            type: 'menu-dropdown',
            iconName: 'settings',
            ariaLabel: 'Appearance',
            title: 'Appearance',
            items: [
              { id: 'light', text: 'Light', itemType: 'checkbox', checked: !dark },
              { id: 'dark', text: 'Dark', itemType: 'checkbox', checked: dark },
              { id: 'system', text: 'As the system' },
              { id: 'compact', text: 'Compact', itemType: 'checkbox', checked: compact },
            ],
            onItemClick: ({ detail }) => {
              if (detail.id === 'compact') chooseCompact(!compact)
              else chooseAppearance(detail.id as 'light' | 'dark' | 'system')
            },
          },
          {
            type: 'menu-dropdown',
            iconName: 'user-profile',
            text: session.name,
            description: `${role} · ${session.project.timeZone} · ${session.project.currency}`,
            items: [{ id: 'sign-out', text: 'Sign out' }],
            onItemClick: () => {
              queries.clear()
              forgetToken()
            },
          },
        ]}
      />
    </div>
  )
}
