import '@cloudscape-design/global-styles/index.css'
import './fonts.css'
import './console.css'
import { I18nProvider } from '@cloudscape-design/components/i18n'
import messages from '@cloudscape-design/components/i18n/messages/all.en'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { takeTokenFromAddress } from './session/token'
import { followAppearance } from './shell/appearance'

takeTokenFromAddress()
followAppearance()

// The client itself sends again what may be sent again, and pages read anew after each change.
const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 10_000, refetchOnWindowFocus: false } },
})

createRoot(document.getElementById('root')!).render(
  <I18nProvider locale="en" messages={[messages]}>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </I18nProvider>,
)
