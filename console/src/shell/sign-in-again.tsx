import { Modal } from '@cloudscape-design/components'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { onRefusal } from '../api/refusals'
import { SignInForm } from '../session/sign-in'
import { keepToken } from '../session/token'

/** Signs in over the page when the key is no longer valid, so that nothing typed on the page is lost. */
export function SignInAgain() {
  const queries = useQueryClient()
  const [asked, setAsked] = useState(false)
  const [key, setKey] = useState('')
  useEffect(() => onRefusal((status) => status === 401 && setAsked(true)), [])
  return (
    <Modal visible={asked} onDismiss={() => setAsked(false)} header="Sign in again">
      <SignInForm
        keyText={key}
        onKeyText={setKey}
        refused
        onSubmit={() => {
          if (!key.trim()) return
          keepToken(key.trim())
          setKey('')
          setAsked(false)
          void queries.invalidateQueries()
        }}
      />
    </Modal>
  )
}
