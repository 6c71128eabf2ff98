import { Box, BreadcrumbGroup, ContentLayout, Header, SpaceBetween, Spinner } from '@cloudscape-design/components'
import { useEffect, type ReactNode } from 'react'
import { useShell } from '../shell/shell-context'
import { ProblemAlert } from './problem-alert'

interface PageProps {
  title: string
  /** The locations above this page, outermost first. */
  path?: readonly { text: string; href: string }[]
  description?: ReactNode
  counter?: string
  info?: ReactNode
  actions?: ReactNode
  help?: ReactNode
  children: ReactNode
}

/** Every page's frame: title, breadcrumbs, actions, and help for the panel at the side. */
export function Page({ title, path = [], description, counter, info, actions, help, children }: PageProps) {
  const { setHelp } = useShell()
  useEffect(() => {
    document.title = `${title} – Loyalty Wallets`
  }, [title])
  useEffect(() => {
    setHelp(help ?? null)
    return () => setHelp(null)
    // The help of a page does not change while the page is shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [setHelp, title])
  return (
    <ContentLayout
      breadcrumbs={
        path.length > 0 ? (
          <BreadcrumbGroup
            ariaLabel="Breadcrumbs"
            items={[...path.map(({ text, href }) => ({ text, href: `#${href}` })), { text: title, href: '#' }]}
          />
        ) : undefined
      }
      header={
        <Header variant="h1" description={description} counter={counter} info={info} actions={actions}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">{children}</SpaceBetween>
    </ContentLayout>
  )
}

interface ReadProps<Data> {
  query: { data?: Data; error: Error | null; fetchStatus: string; refetch: () => unknown }
  children: (data: Data) => ReactNode
}

/** The answer of a query, or that it is loading, or why it failed. */
export function Read<Data>({ query, children }: ReadProps<Data>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error && <ProblemAlert problem={query.error} onRetry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    )
  }
  if (query.error) return <ProblemAlert problem={query.error} onRetry={() => void query.refetch()} />
  if (query.fetchStatus === 'paused') return <Box>The content is read when the connection is back.</Box>
  return (
    <Box padding="l" textAlign="center">
      <Spinner size="large" /> <span role="status">Loading</span>
    </Box>
  )
}
