import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useSyncExternalStore, type ReactNode } from 'react'
import { readSession, type Session } from '../api/session'
import { keepToken, onTokenChange, token } from './token'

export type { Session } from '../api/session'

export type Scope = Session['scopes'][number]

interface SignedIn extends Session {
  may: (scope: Scope) => boolean
}

const Context = createContext<SignedIn | null>(null)

export function useToken(): string | null {
  return useSyncExternalStore(onTokenChange, token)
}

export function useSessionQuery() {
  const held = useToken()
  return useQuery({
    queryKey: sessionOf(held),
    queryFn: () => readSession(),
    enabled: held !== null,
    staleTime: Infinity,
  })
}

const sessionOf = (held: string | null) => ['session', held] as const

/**
 * Changes the key of the tab while the page stays, then reads again what the page shows.
 *
 * @throws Problem if the new key is refused, too; the tab keeps its key then.
 */
export function useKeyChange(): (key: string) => Promise<void> {
  const queries = useQueryClient()
  return async (key) => {
    // Without the session of the new key, the page would be replaced until it is read.
    queries.setQueryData(sessionOf(key), await readSession(key))
    keepToken(key)
    await queries.invalidateQueries()
  }
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  const may = (scope: Scope) => session.scopes.includes('*') || session.scopes.includes(scope)
  return <Context.Provider value={{ ...session, may }}>{children}</Context.Provider>
}

/** Who is signed in, and what the key allows. Only below `SessionProvider`. */
export function useSession(): SignedIn {
  const session = useContext(Context)
  if (!session) throw new Error('useSession needs a SessionProvider')
  return session
}

/** Shows its content only to those who hold the scope. */
export function Allowed({ scope, children }: { scope: Scope; children: ReactNode }) {
  return useSession().may(scope) ? children : null
}
