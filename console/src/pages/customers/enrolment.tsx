import { Button, Container, FormField, Header, Input, Select, SpaceBetween } from '@cloudscape-design/components'
import { useState } from 'react'
import { useEnrolment } from '../../api/search'
import type { Wallet } from '../../api/wallets'
import { ProblemAlert } from '../../parts/problem-alert'
import { go, to, useHashQuery } from '../../routing'
import { Allowed } from '../../session/session'
import { useOnline } from '../../shell/offline'

/** Enrols a customer in a wallet, then shows the customer. */
export function Enrolment({ wallets, customerId: sought }: { wallets: Wallet[]; customerId: string }) {
  const [query] = useHashQuery()
  const [customerId, setCustomerId] = useState(sought)
  const [chosen, setChosen] = useState(query.wallet)
  const enrolment = useEnrolment()
  const online = useOnline()
  const options = wallets.map(({ walletId, name }) => ({ value: walletId, label: name }))
  const wallet = options.find(({ value }) => value === chosen) ?? options[0]
  async function enrol() {
    if (!wallet || !customerId.trim()) return
    const card = await enrolment
      .mutateAsync({ walletId: wallet.value, customerId: customerId.trim() })
      .catch(() => null)
    if (card) go(to.customer(card.customerId, card.walletId))
  }
  if (!wallet) return null
  return (
    <Allowed scope="cards:write">
      <Container header={<Header variant="h2">Enrol a customer</Header>}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void enrol()
          }}
        >
          <SpaceBetween size="m">
            {enrolment.error && <ProblemAlert problem={enrolment.error} />}
            <SpaceBetween direction="horizontal" size="s" alignItems="end">
              <FormField label="Customer ID" description="Your pseudonym of the customer; it can never be erased.">
                <Input value={customerId} onChange={({ detail }) => setCustomerId(detail.value)} />
              </FormField>
              <FormField label="Wallet">
                <Select
                  options={options}
                  selectedOption={wallet}
                  onChange={({ detail }) => setChosen(detail.selectedOption.value)}
                />
              </FormField>
              <Button loading={enrolment.isPending} disabled={!online || !customerId.trim()} formAction="submit">
                Enrol
              </Button>
            </SpaceBetween>
          </SpaceBetween>
        </form>
      </Container>
    </Allowed>
  )
}
