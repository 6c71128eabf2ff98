import {
  Box,
  Button,
  Container,
  FileUpload,
  Form,
  FormField,
  Header,
  Input,
  SpaceBetween,
  Textarea,
} from '@cloudscape-design/components'
import { useState } from 'react'
import { newIdempotencyKey } from '../../api/movement'
import { useImportDryRun, useImportWallet, type Definition } from '../../api/wallet-import'
import { Page } from '../../parts/page'
import { ProblemAlert } from '../../parts/problem-alert'
import { go, to } from '../../routing'
import { useSession } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { useShell } from '../../shell/shell-context'
import { parseDefinition } from './definition'
import { Mapping } from './mapping'

/** A definition of another system becomes a draft, after a dry run has shown what becomes of each field. */
export default function WalletImportPage() {
  const mayWrite = useSession().may('wallets:write')
  return (
    <Page
      title="Import a wallet"
      path={[{ text: 'Wallets', href: to.wallets() }]}
      help={
        <Box>
          The import reads a card definition of Voucherify&apos;s Loyalty v2, as its API writes it. First it shows for
          each field the setting or the reason why there is none. The new wallet is a draft, which you complete in the
          builder.
        </Box>
      }
    >
      {mayWrite ? <Import /> : <Box>Your key does not have the scope wallets:write.</Box>}
    </Page>
  )
}

function Import() {
  const [text, setText] = useState('')
  const [textProblem, setTextProblem] = useState<string>()
  const [name, setName] = useState('')
  const [reviewed, setReviewed] = useState<{ definition: Definition; key: string }>()
  const dryRun = useImportDryRun()
  const create = useImportWallet()
  const online = useOnline()
  const { notify } = useShell()
  const offline = online ? undefined : 'You are offline.'

  function change(changed: string) {
    setText(changed)
    setTextProblem(undefined)
    setReviewed(undefined)
    dryRun.reset()
    create.reset()
  }

  function review() {
    const parsed = parseDefinition(text)
    if ('problem' in parsed) return setTextProblem(parsed.problem)
    const { definition } = parsed
    setName(definition.name)
    create.reset()
    dryRun.mutate(definition, { onSuccess: () => setReviewed({ definition, key: newIdempotencyKey() }) })
  }

  function save() {
    if (!reviewed) return
    // A different name is a different request, which needs its own key.
    const definition = { ...reviewed.definition, name }
    const key = name === reviewed.definition.name ? reviewed.key : newIdempotencyKey()
    setReviewed({ definition, key })
    create.mutate(
      { definition, key },
      {
        onSuccess: ({ wallet }) => {
          if (!wallet) return
          notify({ type: 'success', content: `${wallet.name} is a draft.` })
          go(to.editWallet(wallet.walletId))
        },
      },
    )
  }

  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">1. Definition</Header>}>
        <Form
          actions={
            <Button
              variant={reviewed ? 'normal' : 'primary'}
              loading={dryRun.isPending}
              disabled={!online || text.trim() === ''}
              disabledReason={offline ?? 'Paste a definition first.'}
              onClick={review}
            >
              Review
            </Button>
          }
        >
          <SpaceBetween size="m">
            <FormField
              stretch
              label="Card definition"
              description="Paste the JSON of a Voucherify card definition, or choose its file."
              errorText={textProblem}
            >
              <Textarea value={text} rows={12} spellcheck={false} onChange={({ detail }) => change(detail.value)} />
            </FormField>
            <FormField label="File">
              <FileUpload
                value={[]}
                accept=".json,application/json"
                i18nStrings={{ uploadButtonText: () => 'Choose file', dropzoneText: () => 'Drop the file to read it' }}
                onChange={({ detail }) => {
                  void detail.value[0]?.text().then(change)
                }}
              />
            </FormField>
            {dryRun.error && <ProblemAlert problem={dryRun.error} onRetry={review} />}
          </SpaceBetween>
        </Form>
      </Container>
      {reviewed && dryRun.data && <Mapping report={dryRun.data} />}
      {reviewed && dryRun.data && (
        <Container header={<Header variant="h2">3. New wallet</Header>}>
          <Form
            actions={
              <Button
                variant="primary"
                loading={create.isPending}
                disabled={!online || name.trim() === ''}
                disabledReason={offline ?? 'The wallet needs a name.'}
                onClick={save}
              >
                Create the draft
              </Button>
            }
          >
            <SpaceBetween size="m">
              <FormField label="Name" description="The name must be unique among the wallets.">
                <Input value={name} onChange={({ detail }) => setName(detail.value)} />
              </FormField>
              {create.error && <ProblemAlert problem={create.error} />}
            </SpaceBetween>
          </Form>
        </Container>
      )}
    </SpaceBetween>
  )
}
