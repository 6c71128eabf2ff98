import { Box, KeyValuePairs, Modal, Toggle } from '@cloudscape-design/components'
import { useEffect, useRef, useState } from 'react'
import { go } from '../routing'
import { navigation } from './navigation'
import { focusSearch } from './top-bar'

const SWITCHED_OFF = 'loyalty.shortcuts.off'

/** Keys for the whole console: `/` search, `g` and a letter to go to a page, `?` this list. They can be switched off. */
export function Shortcuts() {
  const [listed, setListed] = useState(false)
  const [off, setOff] = useState(() => localStorage.getItem(SWITCHED_OFF) === 'true')
  const pressedGo = useRef(false)

  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === '?') return setListed(true)
      if (off) return
      const destination = navigation.find(({ shortcut }) => shortcut === event.key)
      if (pressedGo.current && destination) go(destination.href)
      else if (event.key === '/') {
        event.preventDefault()
        focusSearch()
      }
      pressedGo.current = event.key === 'g'
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [off])

  return (
    <Modal visible={listed} onDismiss={() => setListed(false)} header="Keyboard shortcuts">
      <KeyValuePairs
        columns={2}
        items={[
          { label: '/', value: 'Search' },
          ...navigation.map(({ text, shortcut }) => ({ label: `g then ${shortcut}`, value: text })),
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
          Shortcuts of single letters
        </Toggle>
      </Box>
    </Modal>
  )
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}
