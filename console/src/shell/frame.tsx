import {
  AppLayoutToolbar,
  Flashbar,
  HelpPanel,
  SideNavigation,
  SplitPanel,
  type AppLayoutProps,
} from '@cloudscape-design/components'
import { Fragment, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { useHashPath } from '../routing'
import { Boundary } from './boundary'
import { Offline } from './offline'
import { navigation } from './navigation'
import { RecentCalls } from './recent-calls'
import { ShellContext, type Details, type Shell, type Shortcut } from './shell-context'
import { SignInAgain } from './sign-in-again'
import { Shortcuts } from './shortcuts'
import { TopBar } from './top-bar'
import { useMessages } from './messages'
import { UnfinishedMovements } from './unfinished-movements'

/** The frame around every page: top bar, navigation, messages, help, details at the side. */
export function Frame({ children }: { children: ReactNode }) {
  const [path] = useHashPath()
  const { messages, notify } = useMessages()
  const [help, setHelp] = useState<ReactNode>(null)
  const [helpOpen, setHelpOpen] = useState(false)
  const [details, setDetails] = useState<Details | null>(null)
  const [dialog, setDialog] = useState<ReactNode>(null)
  const [panelSize, setPanelSize] = useState(420)
  const [navigationOpen, setNavigationOpen] = useState(() => window.innerWidth > 900)

  const layout = useRef<AppLayoutProps.Ref>(null)
  const openedFrom = useRef<HTMLElement | null>(null)
  const showDetails = useCallback((shown: Details | null) => {
    if (shown) openedFrom.current = document.activeElement as HTMLElement | null
    setDetails(shown)
  }, [])
  useEffect(() => {
    if (details) layout.current?.focusSplitPanel()
  }, [details])
  const openDialog = useCallback<Shell['openDialog']>((opened) => {
    setDialog(<Fragment key={crypto.randomUUID()}>{opened(() => setDialog(null))}</Fragment>)
  }, [])
  const failed = useCallback(() => {
    setDialog(null)
    notify({ type: 'error', header: 'The dialog cannot be shown', content: 'Load the page again, then try again.' })
  }, [notify])
  const [shortcuts, setShortcuts] = useState<readonly Shortcut[]>([])
  const addShortcut = useCallback<Shell['addShortcut']>((added) => {
    setShortcuts((others) => [...others, added])
    return () => setShortcuts((others) => others.filter((other) => other !== added))
  }, [])
  const shell = useMemo<Shell>(
    () => ({ notify, setHelp, showDetails, openDialog, addShortcut }),
    [notify, showDetails, openDialog, addShortcut],
  )
  return (
    <ShellContext.Provider value={shell}>
      <TopBar />
      <AppLayoutToolbar
        ref={layout}
        headerSelector="#top"
        navigation={
          <SideNavigation
            activeHref={`#${navigation.find(({ href }) => path.startsWith(href))?.href ?? ''}`}
            items={navigation.map(({ text, href }) => ({ type: 'link', text, href: `#${href}` }))}
          />
        }
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        notifications={<Flashbar items={messages} stackItems />}
        stickyNotifications
        tools={<HelpPanel header={<h2>Help</h2>}>{help}</HelpPanel>}
        toolsHide={help === null}
        toolsOpen={helpOpen}
        onToolsChange={({ detail }) => setHelpOpen(detail.open)}
        splitPanel={
          details && (
            <SplitPanel header={details.header} hidePreferencesButton closeBehavior="hide">
              {details.content}
            </SplitPanel>
          )
        }
        splitPanelOpen={details !== null}
        splitPanelSize={panelSize}
        onSplitPanelResize={({ detail }) => setPanelSize(detail.size)}
        onSplitPanelToggle={({ detail }) => {
          if (detail.open) return
          setDetails(null)
          details?.onClose?.()
          openedFrom.current?.focus()
        }}
        splitPanelPreferences={{ position: 'side' }}
        content={
          <>
            <Offline />
            <UnfinishedMovements />
            {children}
            <RecentCalls />
          </>
        }
      />
      <Boundary of={String(dialog === null)} instead={null} onFailure={failed}>
        {dialog}
      </Boundary>
      <SignInAgain />
      <Shortcuts ofPage={shortcuts} />
    </ShellContext.Provider>
  )
}
