import { Box, Button, FormField, Input, SpaceBetween, TokenGroup } from '@cloudscape-design/components'
import { useState } from 'react'
import { useSegmentsChange, type ChangedCustomer, type Customer } from '../../api/customers'
import { count } from '../../format'
import { FormDialog } from '../../parts/form-dialog'
import { useCampaignName } from '../../parts/names'
import { ProblemAlert } from '../../parts/problem-alert'
import { useShell } from '../../shell/shell-context'
import { segmentsChange } from './segments-change'

interface SegmentsDialogProps {
  customer: Customer
  onClose: () => void
}

/** Adds the customer to segments, or removes the customer from some. The rest of the profile stays as it is. */
export default function SegmentsDialog({ customer, onClose }: SegmentsDialogProps) {
  const [segments, setSegments] = useState<readonly string[]>(customer.segments)
  const [typed, setTyped] = useState('')
  const change = useSegmentsChange(customer.customerId)
  const campaignName = useCampaignName()
  const { notify } = useShell()
  const added = withSegment(segments, typed)
  const body = segmentsChange(customer.segments, added)

  function submit() {
    change.mutate(body, {
      onSuccess: (changed) => {
        notify({
          type: 'success',
          header: `${customer.customerId} is in ${count(changed.segments.length, 'segment')}`,
          content: wordsOfAwards(changed, campaignName),
        })
        onClose()
      },
    })
  }

  return (
    <FormDialog
      header={`Segments of ${customer.customerId}`}
      action="Save segments"
      isSent={change.isPending}
      missing={body.add.length + body.remove.length === 0 ? 'No segment is changed.' : undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      {change.error && <ProblemAlert problem={change.error} />}
      <Box>A campaign may give points to a customer who enters a segment.</Box>
      <FormField label="New segment" constraintText="At most 64 characters.">
        <SpaceBetween direction="horizontal" size="xs">
          <Input value={typed} autoComplete={false} onChange={({ detail }) => setTyped(detail.value)} />
          <Button
            formAction="none"
            iconName="add-plus"
            onClick={() => {
              setSegments(added)
              setTyped('')
            }}
          >
            Add
          </Button>
        </SpaceBetween>
      </FormField>
      <TokenGroup
        items={segments.map((label) => ({ label, dismissLabel: `Remove ${label}` }))}
        onDismiss={({ detail }) => setSegments(segments.filter((_, place) => place !== detail.itemIndex))}
      />
    </FormDialog>
  )
}

/** A segment that was typed and not added is meant, too. */
function withSegment(segments: readonly string[], typed: string): readonly string[] {
  const segment = typed.trim()
  return segment === '' || segments.includes(segment) ? segments : [...segments, segment]
}

function wordsOfAwards({ awards }: ChangedCustomer, campaignName: (id: string) => string): string {
  if (awards.length === 0) return 'No campaign gave points.'
  return awards.map(({ campaignId, points }) => `${campaignName(campaignId)} gave ${count(points, 'point')}.`).join(' ')
}
