import { Box, KeyValuePairs, Modal, Toggle } from '@cloudscape-design/components'
import { useEffect, useRef, useState } from 'react'
import { go } from '../routing'
import { navigation } from './navigation'
import type { Shortcut } from './shell-context'
import { focusSearch } from './top-bar'

const SWITCHED_OFF = 'loyalty.shortcuts.off'

/** Keys of the whole console and of the page, and their list. The reader can switch them off. */
export function Shortcuts({ ofPage }: { ofPage: readonly Shortcut[] }) {
  const [listed, setListed] = useState(false)
  const [off, setOff] = useState(() => localStorage.getItem(SWITCHED_OFF) === 'true')
  const pressedGo = useRef(false)

  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (isElsewhere(event.target as HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === '?') return setListed(true)
      if (off) return
      const keys = pressedGo.current ? navigation : ofPage
      const destination = keys.find(({ key }) => key === event.key)
      pressedGo.current = event.key === 'g'
      if (destination) go(destination.href)
      else if (event.key === '/') {
        event.preventDefault()
        focusSearch()
      }
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [off, ofPage])

  return (
    <Modal visible={listed} onDismiss={() => setListed(false)} header="Keyboard shortcuts">
      <KeyValuePairs
        columns={2}
        items={[
          { label: '/', value: 'Search' },
          ...navigation.map(({ text, key }) => ({ label: `g then ${key}`, value: text })),
          ...ofPage.map(({ text, key }) => ({ label: key, value: text })),
          { label: '?', value: 'This list' },
          { label: 'Escape', value: 'Close a dialog or panel' },
        ]}
      />
      <Box margin={{ top: 'l' }}>
        <Toggle
          checked={!off}
          onChange={({ detail }) => {
            localStorage.setItem(SWITCHED_OFF, String(!detail.checked))
            setOff(!detail.checked)
          }}
        >
          Shortcuts of single keys
        </Toggle>
      </Box>
    </Modal>
  )
}

/** Whether the key is typed into a field, or is for a dialog above the page. */
function isElsewhere(target: HTMLElement): boolean {
  const isField = target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
  return isField || target.closest('[role="dialog"]') !== null
}
