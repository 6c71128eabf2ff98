import { Alert, Button, Container, Form, FormField, Header, Input, SpaceBetween } from '@cloudscape-design/components'
import { useEffect, useState } from 'react'
import { ProblemAlert } from '../parts/problem-alert'
import { keepToken } from './token'

/** Asks for an API key. The key stays in this tab: it is in no address that is sent, and ends with the tab. */
export function SignIn({ refused = false }: { refused?: boolean }) {
  const [key, setKey] = useState('')
  const trimmed = key.trim()
  useEffect(() => {
    document.title = 'Sign in – Loyalty Wallets'
  }, [])
  return (
    <main className="sign-in">
      <SignInForm keyText={key} onKeyText={setKey} onSubmit={() => trimmed && keepToken(trimmed)} refused={refused} />
    </main>
  )
}

interface SignInFormProps {
  keyText: string
  onKeyText: (key: string) => void
  onSubmit: () => void
  refused: boolean
  isSent?: boolean
  /** Why the key could not be checked. */
  failure?: Error | null
}

export function SignInForm({ keyText, onKeyText, onSubmit, refused, isSent, failure }: SignInFormProps) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <Form
        actions={
          <Button variant="primary" loading={isSent} loadingText="Signing in">
            Sign in
          </Button>
        }
      >
        <Container header={<Header variant="h1">Loyalty Wallets</Header>}>
          <SpaceBetween size="l">
            {refused && (
              <Alert type="error" header="This key is not valid">
                The key was revoked, has expired, or was not copied completely. Sign in with another key.
              </Alert>
            )}
            {failure && !refused && <ProblemAlert problem={failure} />}
            <FormField
              label="API key"
              description="The key stays in this tab and ends with it. An administrator creates keys with a role."
              constraintText="A key starts with lw_."
            >
              <Input
                type="password"
                value={keyText}
                onChange={({ detail }) => onKeyText(detail.value)}
                autoComplete={false}
                spellcheck={false}
                placeholder="lw_…"
              />
            </FormField>
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  )
}
